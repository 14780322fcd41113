/** The host of operations in a call of `ic`: the record that the call has opened, its caller, and git. */
import { withBuiltIns } from '../../services/agents/builtInKinds';
import type { OperationName, OperationResults } from '../../contract/surfaces/api';
import type { SettingName, SettingValue } from '../../contract/settings/settings';
import { FolderLedger } from '../../host/files/folderLedger';
import { silentLog } from '../../host/log';
import { dispatchAround } from '../../host/process/dispatchAround';
import { readAgentKinds } from '../../host/state/agentKindsFile';
import { ledgerFolder } from '../../host/state/stateFolder';
import { Callers } from '../../services/consent/callers';
import { OwnWork } from '../../services/dispatch/context/ownWork';
import type { HeldView } from '../../services/attention/items/heldItems';
import type { Dispatcher } from '../../services/dispatch/dispatcher';
import type { DoctorInput } from '../../services/doctor/model';
import { defined } from '../../kernel/defined';
import type { OperationHost } from '../../services/operations/host';
import type { TaskServices } from '../../services/operations/taskServices';
import type { Implement } from '../../services/operations/implementation';
import { runWith, type Runnable } from '../../services/operations/runner';
import type { PortfolioLinks } from '../../services/portfolio/snapshot/links';
import type { ProjectKernel } from '../../services/record/kernels';
import type { GitHubConnection } from '../../services/tasks/project/gitHubConnection';
import type { CliContext } from '../command/command';
import { endAgents } from '../dispatching/endAgents';
import { gitIn } from '../host/git';
import { taskServicesOf } from '../host/taskServices';
import { kernelDepsOf, type Session } from '../command/session';

/** One for all: Node asks each async storage of the process at every promise. */
const CALLERS = new Callers();

/** Parts that only some operations need. */
export interface HostParts {
  /** The name of the actor in stored texts; default: `ic`. Writes are signed by the call in any case. */
  readonly actor?: string;
  readonly gitHub?: () => GitHubConnection;
  readonly dispatcher?: Dispatcher;
  readonly links?: PortfolioLinks;
  /** Where files of dispatches may be; left out: those of the dispatcher. */
  readonly storages?: readonly string[];
  /** Accounts of agents that a limit holds. */
  readonly held?: HeldView;
  readonly isForbidden?: TaskServices['isForbidden'];
  readonly missingPrograms?: TaskServices['missingPrograms'];
  readonly agents?: TaskServices['agents'];
  readonly doctorInput?: DoctorInput;
  /** What flags say in place of settings of the editor. */
  readonly settings?: { readonly [S in SettingName]?: SettingValue<S> };
}

interface Loadable<N extends OperationName> extends Omit<Runnable<N>, 'implement'> {
  readonly load: () => Promise<Implement<N>>;
}

/**
 * Runs an operation on the record of this call, or on none where it takes no folder.
 * @throws KernelError as `runWith` and as opening the record
 */
export async function runHere<N extends OperationName>(
  context: CliContext,
  name: N,
  { load, ...declared }: Loadable<N>,
  args: unknown,
  parts: HostParts = {},
): Promise<OperationResults[N]> {
  const session = 'folder' in declared.args.shape ? await context.session() : undefined;
  const implement = await load();
  // Left-out rows make a command fail only if it wrote nothing.
  if (session !== undefined && declared.effect !== 'read') session.hasWritten = true;
  const kinds = declared.effect === 'start' ? withBuiltIns(await readAgentKinds(context.env), context.env) : [];
  const agentFacts = parts.dispatcher ?? { kinds: () => kinds, storages: parts.storages ?? [] };
  return await runWith(hostOf(context, session, { ...parts, agentFacts }), name, { ...declared, implement }, args);
}

function hostOf(
  context: CliContext,
  session: Session | undefined,
  parts: HostParts & Pick<OperationHost, 'agentFacts'>,
): OperationHost {
  const { env } = context;
  const folders = session === undefined ? [] : [session.kernel.folder];
  return {
    actor: () => parts.actor ?? 'ic',
    caller: () => {
      const dispatchId = dispatchAround(env);
      return dispatchId === undefined ? { kind: 'person' } : { kind: 'dispatch', dispatchId };
    },
    callers: CALLERS,
    kernels: recordOnly(session?.kernel),
    log: silentLog,
    trusted: () => true,
    setting: (name) => parts.settings?.[name] ?? absent(`the setting ${name}`),
    defaultKind: () => absent('the default agent kind'),
    portfolios: undefined,
    ownWork: new OwnWork(new FolderLedger(ledgerFolder(env), 'work')),
    taskServices: taskServicesOf({
      env,
      git: gitIn(env, ...folders),
      gitHub: parts.gitHub ?? (() => absent('an account of GitHub')),
      kernelDeps: () => kernelDepsOf(context),
      maxAttempts: () => absent('settings'),
      ...defined({ isForbidden: parts.isForbidden, missingPrograms: parts.missingPrograms, agents: parts.agents }),
    }),
    agentFacts: parts.agentFacts,
    stopped: context.stopped,
    endAgents: (kernel, ids, reason) => endAgents(context, { kernel }, ids, reason),
    get dispatcher() {
      return parts.dispatcher ?? absent('a dispatcher');
    },
    get links() {
      return parts.links ?? absent('other records');
    },
    held: () => parts.held ?? absent('held accounts'),
    installation: () => Promise.resolve({ environment: env, stateEnvironment: env, trusted: () => true }),
    doctorInput: () => Promise.resolve(parts.doctorInput ?? absent('the machine')),
  };
}

/** A call of `ic` has one record, wherever its file is. */
function recordOnly(kernel: ProjectKernel | undefined): OperationHost['kernels'] {
  return {
    all: () => (kernel === undefined ? [] : [kernel]),
    get: (folder) => (folder === kernel?.folder ? kernel : undefined),
    onDidChange: () => ({ dispose: () => undefined }),
  };
}

function absent(part: string): never {
  throw new Error(`an operation of ic needs ${part}, which its command does not give`);
}
