/**
 * `ic lead`: makes agents work on tasks and on the queue, and relays portfolios, without a window. A separate bundle,
 * which `ic` loads only for this command.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { makeFolders } from '../../host/files/folders';
import type { PermissionRule } from '../../contract/permissions/model';
import type { AgentKind } from '../../contract/agentKinds';
import { silentLog, type Log } from '../../host/log';
import { LoginShell } from '../../host/process/loginShell';
import { passEnvOf } from '../../host/state/passEnv';
import { fileKey } from '../../host/files/pathIdentity';
import { leaderStorage } from '../../host/state/stateFolder';
import { announceStorage } from '../../host/state/storages';
import { KernelError } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';
import type { EnvironmentSource } from '../../services/dispatch/context/environment';
import { findKind } from '../../services/agents/builtInKinds';
import { agentKindsOf, type SettingsReader } from '../../services/leader/settings';
import { refusalOf } from '../../services/record/kernelState';
import type { ProjectKernel } from '../../services/record/kernels';
import { servedFoldersOf } from '../mcp/servedFolders';
import { LeaderHost } from './host';
import { lineLog, printer } from './log';
import { logBlocked, logFull, logNeeds, untilAtRest } from './rest';
import { givenSetting, LeaderSettings, type Layers } from '../host/leadSettings';
import { editorLayers, ownSettings, readWorkspace, type Workspace } from '../host/settingsFiles';
import { RecordStates } from './recordStates';
import { Story } from './story';
import { unitName, unitText, type UnitKind } from './unit';
import { untilAborted } from './pauses';
import { WaitingAgents } from './waitingAgents';

export interface LeadInput {
  /**
   * As given. If there are none and no workspace: the nearest folder upwards with a record, else the working directory.
   */
  readonly folders: readonly string[];
  readonly workspaceFile: string | undefined;
  /** In place of the editor's files. */
  readonly settingsFile: string | undefined;
  /** `<setting>=<json>` */
  readonly set: readonly string[];
  /** Whether folders are trusted as in a window, so that their settings that start programs or weaken limits apply. */
  readonly trustsFolders: boolean;
  readonly storage: string | undefined;
  readonly allowedKinds: readonly string[];
  readonly allowsTasks: boolean;
  readonly takesOver: boolean;
  readonly once: boolean;
  readonly isJson: boolean;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stopped: AbortSignal;
}

/** With `once`: nothing is left to do, something waits for a person, or it was stopped before. Otherwise `stopped`. */
export type LeadEnd = 'done' | 'needsPerson' | 'stopped';

/**
 * Leads until it is stopped or, with `once`, until nothing is left to do.
 * @throws KernelError as opening folders and settings, and for an unknown agent kind
 */
export async function lead(input: LeadInput): Promise<LeadEnd> {
  const { cwd, env, stopped, once } = input;
  const log = lineLog(printer(), input.isJson);
  const { workspace, ...target } = await targetOf(input);
  const { folders, workspaceFile } = target;
  for (const folder of workspace?.left ?? []) log.warn('folder not led: it is not on this machine', { folder });
  const settings = new LeaderSettings(
    await layersOf(input, folders, workspace, log),
    input.trustsFolders,
    log.scope('settings'),
  );
  for (const ignored of settings.ignored()) log.warn('setting ignored', ignored);
  const kinds = namedKinds(settings, input.allowedKinds);
  const storage = storageOf(input, settings);
  await makeFolders(storage);
  await announceStorage(env, storage);
  const environment = environmentOf(env, settings, log);
  const host = new LeaderHost({ ...target, takesOver: input.takesOver, settings, storage, env, environment, log });
  const { home } = host.portfolios;
  const rules = (): readonly PermissionRule[] | undefined => settings.known('intercore.agents.permissionRules');
  const agents = new WaitingAgents(host.records, () => host.dispatcher.storages, rules, log);
  const subscriptions = [new Story(host.records, log), new RecordStates(host.records, home?.kernel, log), agents];
  try {
    allowKinds(host, home === undefined ? folders : [...folders, home.kernel.folder], kinds);
    log.info('leader started', { pid: process.pid, folders, storage, workspace: workspaceFile, cwd });
    await host.start();
    if (once) refuseWithoutRecord(host);
    if (input.allowsTasks) allowTasks(host, log);
    if (!once) {
      await untilAborted(stopped);
      return 'stopped';
    }
    if (!(await untilAtRest(host, agents, stopped))) {
      log.warn('stopped before everything was done');
      return 'stopped';
    }
    logFull(host, agents, settings, log);
    const needs = logBlocked(host, agents, log) + (await logNeeds(host, settings, log));
    return needs > 0 || agents.isAnyWaiting ? 'needsPerson' : 'done';
  } finally {
    for (const subscription of subscriptions) subscription.dispose();
    await host.finish();
    log.info('leader stopped', { pid: process.pid });
  }
}

/** @throws KernelError if no record can be opened: nothing would be done, and the end would look like success */
function refuseWithoutRecord({ kernels, portfolios: { home } }: LeaderHost): void {
  const records = [...kernels.all(), ...(home === undefined ? [] : [home.kernel])];
  const [first] = records;
  const isMissing = ({ state: { kind } }: ProjectKernel): boolean => kind === 'missing' || kind === 'failed';
  if (first !== undefined && records.every(isMissing)) throw refusalOf(first.state, first.path);
}

interface LeadTarget {
  readonly folders: readonly string[];
  readonly workspaceFile: string | undefined;
  readonly workspace: Workspace | undefined;
}

async function targetOf(input: LeadInput): Promise<LeadTarget> {
  const { cwd, env } = input;
  const workspaceFile = input.workspaceFile === undefined ? undefined : path.resolve(cwd, input.workspaceFile);
  const workspace = workspaceFile === undefined ? undefined : await readWorkspace(workspaceFile);
  const named = [...(workspace?.folders ?? []), ...input.folders];
  if (workspace !== undefined && named.length === 0) {
    throw new KernelError('FILE_UNREADABLE', {
      path: workspaceFile ?? '',
      problem: because('it lists no folder on this machine'),
    });
  }
  const served = servedFoldersOf({ folders: named, workspaceFile, cwd, env });
  return { folders: await eachFolderOnce(served.folders), workspaceFile, workspace };
}

async function layersOf(
  { env, cwd, settingsFile, set }: LeadInput,
  folders: readonly string[],
  workspace: Workspace | undefined,
  log: Log,
): Promise<Layers> {
  const chosen = settingsFile === undefined ? undefined : await ownSettings(path.resolve(cwd, settingsFile));
  const { own, folders: ofFolders } = await editorLayers(env, folders, chosen);
  const layers: Layers = {
    own,
    workspace: workspace?.settings,
    folders: ofFolders,
    isOneFolder: workspace === undefined && folders.length === 1,
    given: given(set),
  };
  const files = [...layers.own, ...(workspace === undefined ? [] : [workspace.settings]), ...ofFolders.values()];
  for (const { file, problem } of files) {
    if (problem === undefined) log.info('settings read', { file });
    else log.warn('settings read in part', { file, problem: problem.text });
  }
  return layers;
}

/** @throws KernelError `INVALID_ARGUMENT` */
function given(set: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    set.map((text) => {
      const setting = givenSetting(text);
      if ('problem' in setting) {
        throw new KernelError('INVALID_ARGUMENT', { argument: '--set', problem: setting.problem });
      }
      return [setting.name, setting.value];
    }),
  );
}

/** The same folder for every leader of this user, so that windows and other leaders find the agents. */
function storageOf({ storage, cwd, env }: LeadInput, settings: SettingsReader): string {
  if (storage !== undefined) return path.resolve(cwd, storage);
  const set = settings.get('intercore.storage.directory');
  return set === '' ? leaderStorage(env) : set;
}

/** The text of a system unit that keeps such a leader running. @throws KernelError as opening folders */
export async function unitOf(input: LeadInput, kind: UnitKind): Promise<string> {
  const { cwd, env, set } = input;
  const { folders, workspaceFile, workspace } = await targetOf(input);
  const flag = (name: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`--${name}=${value}`];
  const pathFlag = (name: string, value: string | undefined): string[] =>
    flag(name, value === undefined ? undefined : path.resolve(cwd, value));
  // Refuses here what the leader would refuse when it starts.
  const layers = await layersOf(input, folders, workspace, silentLog);
  namedKinds(new LeaderSettings(layers, input.trustsFolders, silentLog), input.allowedKinds);
  const args = [
    'lead',
    ...(workspaceFile === undefined ? folders : input.folders.map((folder) => path.resolve(cwd, folder))),
    ...pathFlag('workspace', input.workspaceFile),
    ...pathFlag('settings', input.settingsFile),
    ...set.map((text) => `--set=${text}`),
    ...pathFlag('storage', input.storage),
    ...flag('allow-agents', input.allowedKinds.join(',') || undefined),
    ...(input.allowsTasks ? ['--allow-tasks'] : []),
    ...(input.trustsFolders ? ['--trust'] : []),
    ...(input.isJson ? ['--json'] : []),
  ];
  const hash = createHash('sha256').update(JSON.stringify(args)).digest('hex').slice(0, 8);
  const name = unitName(workspaceFile ?? folders[0] ?? cwd, hash);
  return unitText(kind, {
    node: process.execPath,
    program: path.join(__dirname, 'ic.js'),
    args,
    cwd,
    name,
    isElectron: process.versions['electron'] !== undefined,
    logFile: path.join(leaderStorage(env), `${name}.log`),
  });
}

/** A terminal has the user's variables. A system unit has none, so they are read from the login shell. */
function environmentOf(env: NodeJS.ProcessEnv, settings: SettingsReader, log: Log): () => Promise<EnvironmentSource> {
  const isTerminal = (env['TERM'] ?? '') !== '' && (env['SHLVL'] ?? '') !== '';
  const shell = new LoginShell({ environment: env, trusted: () => true, log: log.scope('environment') });
  return async () => ({
    variables: isTerminal ? env : await shell.variables(),
    passEnv: [...settings.get('intercore.agents.passEnv'), ...passEnvOf(env)],
  });
}

/** @throws KernelError for an unknown kind */
function namedKinds(settings: SettingsReader, names: readonly string[]): readonly AgentKind[] {
  return names.map((name) => findKind(agentKindsOf(settings), name));
}

/** Typing the names of kinds allows them, as `ic agent allow` does. */
function allowKinds({ consents }: LeaderHost, folders: readonly string[], kinds: readonly AgentKind[]): void {
  for (const folder of kinds.length === 0 ? [] : folders) consents.allow(folder, kinds);
}

/** Allows the tasks that came with a folder, in their current state. */
function allowTasks({ kernels, permissions, work, orchestrators }: LeaderHost, log: Log): void {
  for (const kernel of kernels.all().filter(({ state }) => state.kind === 'ready')) {
    const { folder } = kernel;
    const tasks = permissions.foreign(kernel);
    for (const { id, title } of tasks) log.info('task allowed', { folder, id, title });
    work.noteTasks(
      folder,
      tasks.map(({ id }) => id),
    );
  }
  orchestrators.checkAll();
}

/** Links and other spellings of one folder count once, because a folder has one leader. */
async function eachFolderOnce(folders: readonly string[]): Promise<string[]> {
  const known = new Map<string, string>();
  for (const folder of folders) {
    const key = await fileKey(folder);
    if (!known.has(key)) known.set(key, folder);
  }
  return [...known.values()];
}
