/** The default agent kind of the folder that a command runs in, with the reason. */
import type { AgentKind } from '../../../contract/agentKinds';
import { isKernelError } from '../../../kernel/errors/errors';
import { defaultKindFinding } from '../../../services/doctor/defaultKindFinding';
import { sentencesOf } from '../../../services/doctor/model';
import type { CliContext } from '../../command/command';
import { kernelsFor } from '../../command/session';
import { defaultKindOf } from '../../dispatching/defaultKind';

/** A sentence; if the settings or the record cannot be read, it says so. */
export async function defaultHere(context: CliContext, kinds: readonly AgentKind[]): Promise<string> {
  try {
    const { kernel, close } = await kernelsFor(context, () => undefined);
    try {
      const { folder } = kernel;
      const choice = await defaultKindOf({ ...context.env }, folder, { kinds, kernel });
      const { code, facts } = defaultKindFinding({ folder, choice });
      return sentencesOf(code, facts).saw;
    } finally {
      await close();
    }
  } catch (error) {
    if (!isKernelError(error)) throw error;
    return `The default agent kind is unknown: ${error.message}`;
  }
}
