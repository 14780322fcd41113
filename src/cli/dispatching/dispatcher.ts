/** The dispatcher of a command line: it starts agents, which outlive it, and ends agents. */
import path from 'node:path';
import type { AgentKind } from '../../contract/agentKinds';
import { withBuiltIns } from '../../services/agents/builtInKinds';
import { readAgentKinds } from '../../host/state/agentKindsFile';
import { systemPorts } from '../../host/clock';
import { passEnvOf } from '../../host/state/passEnv';
import { dispatchAround } from '../../host/process/dispatchAround';
import { silentLog } from '../../host/log';
import { AccountHolds } from '../../host/state/accountHolds';
import { FolderLedger } from '../../host/files/folderLedger';
import { accountsFolder, driftFolder, ledgerFolder, storageFolder } from '../../host/state/stateFolder';
import { AgentConsents } from '../../services/consent/agentConsent';
import { refuseWider } from '../../services/consent/decisions';
import { knownStorages } from '../../host/state/storages';
import { Dispatcher } from '../../services/dispatch/dispatcher';
import type { Admission } from '../../services/dispatch/context/deps';
import { icMcpCommand } from '../../services/dispatch/context/mcpServer';
import type { DispatchKernel } from '../../services/record/dispatchKernel';
import type { CliContext } from '../command/command';

/**
 * Runs `work` with a dispatcher and releases its agents afterwards. They continue.
 * @throws KernelError as `readAgentKinds`
 */
export async function withDispatcher<T>(
  context: Pick<CliContext, 'env' | 'session'>,
  work: (dispatcher: Dispatcher) => Promise<T>,
  extraKinds: readonly AgentKind[] = [],
): Promise<T> {
  const otherStorage = await knownStorages(context.env);
  const kinds = withBuiltIns([...(await readAgentKinds(context.env)), ...extraKinds], context.env);
  const consents = new AgentConsents(new FolderLedger(ledgerFolder(context.env), 'agents'), context.env);
  const dispatcher = new Dispatcher({
    kinds: () => kinds,
    storageDir: storageFolder(context.env),
    otherStorage,
    launcherPath: path.join(__dirname, 'launcher.js'),
    ports: systemPorts,
    accounts: new AccountHolds(accountsFolder(context.env)),
    driftFolder: driftFolder(context.env),
    log: silentLog,
    canRun: () => true,
    isDefault: () => false,
    // A person in a shell has named the kind.
    mayStart: async (kernel, start) => {
      const agent = dispatchAround(context.env);
      if (agent !== undefined) kernel.read((r) => refuseWider(r, kinds, agent, start));
      else if (!extraKinds.includes(start.kind)) consents.requireRedefined(kernel.folder, start.kind);
      await Promise.resolve();
    },
    icBinDir: path.join(__dirname, '..', 'bin'),
    mcpServer: () => icMcpCommand(__dirname, ['--core']),
    environment: () => Promise.resolve({ variables: { ...context.env }, passEnv: passEnvOf(context.env) }),
    // The record has what was started. The next program that reads it records the ending.
    leavesAgents: true,
    admit: (kernel, runId) => admit(context, kernel, runId),
  });
  try {
    return await work(dispatcher);
  } finally {
    await dispatcher.dispose();
  }
}

/** The limits of a portfolio in another database. */
async function admit(context: Pick<CliContext, 'session'>, kernel: DispatchKernel, runId: string): Promise<Admission> {
  const session = await context.session();
  const { PortfolioLimits } = await import('../../services/portfolio/limits.js');
  return session.withLinks((links) => new PortfolioLimits({ links, log: silentLog }).admit(kernel, runId));
}
