/** The default agent kind of a folder outside the editor: by the editor's settings, the record, and programs on PATH. */
import type { AgentKind } from '../../contract/agentKinds';
import type { KindChoice } from '../../contract/results/agentKinds';
import { silentLog } from '../../host/log';
import { passEnvOf } from '../../host/state/passEnv';
import { DefaultKinds } from '../../services/leader/defaultKind';
import type { SettingsReader } from '../../services/leader/settings';
import type { ProjectKernel } from '../../services/record/kernels';
import { editorSettings } from '../host/editorSettings';

interface Known {
  readonly kinds: readonly AgentKind[];
  /** The record of the folder, loaded. */
  readonly kernel: ProjectKernel | undefined;
}

/** @throws KernelError `FILE_UNREADABLE` */
export async function defaultKindOf(env: NodeJS.ProcessEnv, folder: string, known: Known): Promise<KindChoice> {
  return await defaultKindsWith(env, await editorSettings(env, [folder]), known).decide(folder);
}

export function defaultKindsWith(
  env: NodeJS.ProcessEnv,
  settings: SettingsReader,
  { kinds, kernel }: Known,
): DefaultKinds {
  return new DefaultKinds({
    settings,
    kinds: () => kinds,
    record: () => kernel,
    environment: () => Promise.resolve({ variables: env, passEnv: passEnvOf(env) }),
    log: silentLog,
  });
}
