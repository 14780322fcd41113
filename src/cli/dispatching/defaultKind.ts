/** The default agent kind of a folder outside the editor: by the editor's settings, the record, and programs on PATH. */
import type { AgentKind } from '../../contract/agentKinds';
import type { KindChoice } from '../../contract/results/agentKinds';
import { silentLog } from '../../host/log';
import { passEnvOf } from '../../host/state/passEnv';
import { DefaultKinds } from '../../services/leader/defaultKind';
import type { ProjectKernel } from '../../services/record/kernels';
import { editorSettings } from '../host/editorSettings';

interface Known {
  readonly kinds: readonly AgentKind[];
  /** The record of the folder, loaded. */
  readonly kernel: ProjectKernel | undefined;
}

/** @throws KernelError `FILE_UNREADABLE` */
export async function defaultKindOf(
  env: NodeJS.ProcessEnv,
  folder: string,
  { kinds, kernel }: Known,
): Promise<KindChoice> {
  const defaults = new DefaultKinds({
    settings: await editorSettings(env, [folder]),
    kinds: () => kinds,
    record: () => kernel,
    environment: () => Promise.resolve({ variables: env, passEnv: passEnvOf(env) }),
    log: silentLog,
  });
  return await defaults.decide(folder);
}
