/** What an operation gets from a call of `ic`: the one record that the call has opened, its person or agent, and git. */
import type { OperationName, OperationResults } from '../../contract/surfaces/api';
import type { SettingName, SettingValue } from '../../contract/settings/settings';
import { FolderLedger } from '../../host/files/folderLedger';
import { silentLog } from '../../host/log';
import { dispatchAround } from '../../host/process/dispatchAround';
import { ledgerFolder } from '../../host/state/stateFolder';
import { Callers } from '../../services/consent/callers';
import { OwnWork } from '../../services/dispatch/context/ownWork';
import type { OperationHost } from '../../services/operations/host';
import type { Implement } from '../../services/operations/implementation';
import { runWith, type Runnable } from '../../services/operations/runner';
import type { ProjectKernel } from '../../services/record/kernels';
import type { GitHubConnection } from '../../services/tasks/project/gitHubConnection';
import type { CliContext } from '../command';
import { endAgents } from '../dispatching/endAgents';
import { gitIn } from '../host/git';
import { taskServicesOf } from '../host/taskServices';
import { kernelDepsOf, type Session } from '../session';

/** What only some operations need. */
export interface HostParts {
  /** Who the record names in texts; left out: `ic`. What is written is signed by the call in any case. */
  readonly actor?: string;
  readonly gitHub?: () => GitHubConnection;
  /** Settings of the editor, or what flags say instead. */
  readonly setting?: <S extends SettingName>(name: S) => SettingValue<S>;
}

interface Loadable<N extends OperationName> extends Omit<Runnable<N>, 'implement'> {
  readonly load: () => Promise<Implement<N>>;
}

/** Runs an operation on the record of this call. @throws KernelError as `runWith` and as opening the record */
export async function runHere<N extends OperationName>(
  context: CliContext,
  name: N,
  { load, ...declared }: Loadable<N>,
  args: unknown,
  parts: HostParts = {},
): Promise<OperationResults[N]> {
  const session = await context.session();
  const implement = await load();
  // That rows were left out fails a command that only reads.
  if (declared.effect !== 'read') session.hasWritten = true;
  return await runWith(hostOf(context, session, parts), name, { ...declared, implement }, args);
}

function hostOf(context: CliContext, session: Session, parts: HostParts): OperationHost {
  const { env } = context;
  const { kernel } = session;
  return {
    actor: () => parts.actor ?? 'ic',
    caller: () => {
      const dispatchId = dispatchAround(env);
      return dispatchId === undefined ? { kind: 'person' } : { kind: 'dispatch', dispatchId };
    },
    callers: new Callers(),
    kernels: recordOnly(kernel),
    log: silentLog,
    trusted: () => true,
    setting: parts.setting ?? (() => absent('settings')),
    portfolios: undefined,
    ownWork: new OwnWork(new FolderLedger(ledgerFolder(env), 'work')),
    taskServices: taskServicesOf({
      env,
      git: gitIn(env, kernel.folder),
      gitHub: parts.gitHub ?? (() => absent('an account of GitHub')),
      kernelDeps: () => kernelDepsOf(context),
      maxAttempts: () => absent('settings'),
    }),
    endAgents: (_, ids, reason) => endAgents(context, session, ids, reason),
    get dispatcher() {
      return absent('a dispatcher');
    },
    get links() {
      return absent('other records');
    },
    held: () => absent('held accounts'),
    doctorInput: () => absent('the machine'),
  };
}

/** A call of `ic` has one record, wherever its file is. */
function recordOnly(kernel: ProjectKernel): OperationHost['kernels'] {
  return {
    all: () => [kernel],
    get: (folder) => (folder === kernel.folder ? kernel : undefined),
    onDidChange: (listener) => kernel.onDidChange((change) => listener({ kernel, change })),
  };
}

function absent(part: string): never {
  throw new Error(`an operation of ic needs ${part}, which its command does not give`);
}
