/** What waits for the person's permission in a folder, by the settings of the editor, which `ic lead` uses too. */
import { FolderLedger } from '../../host/files/folderLedger';
import { ledgerFolder } from '../../host/state/stateFolder';
import { KernelError } from '../../kernel/errors/errors';
import { listTasks } from '../../kernel/tasks/service';
import { waitsForAgents } from '../../services/attention/items/taskItems';
import { AgentConsents } from '../../services/consent/agentConsent';
import { OwnWork } from '../../services/dispatch/context/ownWork';
import { AgentPermissions } from '../../services/leader/permissions';
import { agentKindsOf } from '../../services/leader/settings';
import type { ProjectKernel } from '../../services/record/kernels';
import { editorSettings } from '../host/editorSettings';
import { defaultKindsWith } from './defaultKind';

/** What a person must allow before a leader works on the tasks of the folder. */
export interface MissingPermissions {
  /** Names of agent kinds. */
  readonly kinds: readonly string[];
  /** Whether tasks came with the folder. */
  readonly tasks: boolean;
}

/** Of a record that is loaded. @throws KernelError `FILE_UNREADABLE` if the settings cannot be read */
export async function missingPermissions(env: NodeJS.ProcessEnv, kernel: ProjectKernel): Promise<MissingPermissions> {
  // The search for installed agents is needed for these only.
  if (!kernel.read((r) => listTasks(r)).some(waitsForAgents)) return { kinds: [], tasks: false };
  const { folder } = kernel;
  const settings = await editorSettings(env, [folder]);
  const defaults = defaultKindsWith(env, settings, { kinds: agentKindsOf(settings), kernel });
  await defaults.decide(folder);
  const ledger = (topic: 'agents' | 'work'): FolderLedger => new FolderLedger(ledgerFolder(env), topic);
  const consents = new AgentConsents(ledger('agents'), env);
  const permissions = new AgentPermissions({ settings, defaults, consents, work: new OwnWork(ledger('work')) });
  return {
    kinds: permissions.missing(folder).map(({ name }) => name),
    tasks: permissions.foreign(kernel).length > 0,
  };
}

/** Whether something is missing. @param unreadable called where the settings cannot be read, so that it is not known */
export async function isForbiddenHere(
  env: NodeJS.ProcessEnv,
  kernel: ProjectKernel,
  unreadable: (problem: string) => void,
): Promise<boolean> {
  try {
    const { kinds, tasks } = await missingPermissions(env, kernel);
    return kinds.length > 0 || tasks;
  } catch (error) {
    if (!KernelError.is(error, 'FILE_UNREADABLE')) throw error;
    unreadable(error.message);
    return false;
  }
}
