/** What waits for the person's permission in a folder, by the settings of the editor, which `ic lead` uses too. */
import type { AgentKind } from '../../contract/agentKinds';
import type { MissingProgram } from '../../contract/results/agentKinds';
import { FolderLedger } from '../../host/files/folderLedger';
import { passEnvOf } from '../../host/state/passEnv';
import { ledgerFolder } from '../../host/state/stateFolder';
import { KernelError } from '../../kernel/errors/errors';
import { listTasks } from '../../kernel/tasks/service';
import { waitsForAgents } from '../../services/attention/items/taskItems';
import { AgentConsents } from '../../services/consent/agentConsent';
import { OwnWork } from '../../services/dispatch/context/ownWork';
import { missingByKind } from '../../services/leader/installedKinds';
import { AgentPermissions } from '../../services/leader/permissions';
import { agentKindsOf } from '../../services/leader/settings';
import type { TaskAgents } from '../../services/operations/taskServices';
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
  const permissions = await permissionsIn(env, kernel);
  return {
    kinds: permissions.missing(kernel.folder).map(({ name }) => name),
    tasks: permissions.foreign(kernel).length > 0,
  };
}

/** The kinds of the folder's tasks, each with the programs that it needs and that are not on this machine. */
export async function kindsNotInstalled(
  env: NodeJS.ProcessEnv,
  kernel: ProjectKernel,
): Promise<readonly { readonly kind: AgentKind; readonly missing: readonly MissingProgram[] }[]> {
  const kinds = (await permissionsIn(env, kernel)).kinds(kernel.folder);
  const missing = await missingByKind(kinds, { variables: env, passEnv: passEnvOf(env) });
  return kinds
    .map((kind) => ({ kind, missing: missing.get(kind.name) ?? [] }))
    .filter((found) => found.missing.length > 0);
}

/** The agents of the folder's tasks. @param unreadable as for `isForbiddenHere` */
export async function taskAgentsHere(
  env: NodeJS.ProcessEnv,
  kernel: ProjectKernel,
  unreadable: (problem: string) => void,
): Promise<TaskAgents | undefined> {
  return await unlessUnreadable(undefined, unreadable, async () => {
    const { settings, defaults } = await settingsIn(env, kernel);
    return { usual: defaults.usual(kernel.folder), kinds: agentKindsOf(settings) };
  });
}

async function settingsIn(env: NodeJS.ProcessEnv, kernel: ProjectKernel) {
  const { folder } = kernel;
  const settings = await editorSettings(env, [folder]);
  const defaults = defaultKindsWith(env, settings, { kinds: agentKindsOf(settings), kernel });
  await defaults.decide(folder);
  return { settings, defaults };
}

/** @throws KernelError `FILE_UNREADABLE` if the settings cannot be read */
async function permissionsIn(env: NodeJS.ProcessEnv, kernel: ProjectKernel): Promise<AgentPermissions> {
  const { settings, defaults } = await settingsIn(env, kernel);
  const ledger = (topic: 'agents' | 'work'): FolderLedger => new FolderLedger(ledgerFolder(env), topic);
  const consents = new AgentConsents(ledger('agents'), env);
  return new AgentPermissions({ settings, defaults, consents, work: new OwnWork(ledger('work')) });
}

/** The same programs for a list of needs, each once. @param unreadable as for `isForbiddenHere` */
export async function missingProgramsHere(
  env: NodeJS.ProcessEnv,
  kernel: ProjectKernel,
  unreadable: (problem: string) => void,
): Promise<readonly string[]> {
  return await unlessUnreadable([], unreadable, async () => {
    const found = await kindsNotInstalled(env, kernel);
    return [...new Set(found.flatMap(({ missing }) => missing.map(({ program }) => program)))];
  });
}

/** Whether something is missing. @param unreadable called where the settings cannot be read, so that it is not known */
export async function isForbiddenHere(
  env: NodeJS.ProcessEnv,
  kernel: ProjectKernel,
  unreadable: (problem: string) => void,
): Promise<boolean> {
  return await unlessUnreadable(false, unreadable, async () => {
    const { kinds, tasks } = await missingPermissions(env, kernel);
    return kinds.length > 0 || tasks;
  });
}

async function unlessUnreadable<T, O>(
  otherwise: O,
  unreadable: (problem: string) => void,
  find: () => Promise<T>,
): Promise<T | O> {
  try {
    return await find();
  } catch (error) {
    if (!KernelError.is(error, 'FILE_UNREADABLE')) throw error;
    unreadable(error.message);
    return otherwise;
  }
}
