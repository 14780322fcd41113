/** The exported API: parses arguments, then runs the operation of that name. */
import {
  type IntercoreApi,
  type Operation,
  type OperationName,
  type OperationResults,
} from '../../contract/operations/api';
import { folderInfo } from './folders';
import type { OperationHost } from './host';

/** The operations over an editor window. They hold no state: the host does. */
export function createApi(host: OperationHost): IntercoreApi {
  const op = <N extends OperationName>(name: N): Operation<N> => operation(host, name);
  return {
    version: 1,
    folders: () => host.kernels.all().map(folderInfo),
    database: {
      initialize: op('database.initialize'),
      reload: op('database.reload'),
      remove: op('database.remove'),
    },
    doctor: { run: op('doctor.run') },
    runs: {
      create: op('runs.create'),
      list: op('runs.list'),
      current: op('runs.current'),
      get: op('runs.get'),
      advance: op('runs.advance'),
      skip: op('runs.skip'),
      planRollback: op('runs.planRollback'),
      rollback: op('runs.rollback'),
      cancel: op('runs.cancel'),
      set: op('runs.set'),
      events: op('runs.events'),
      budget: op('runs.budget'),
    },
    gates: {
      check: op('gates.check'),
      override: op('gates.override'),
      askOverride: op('gates.askOverride'),
      rules: op('gates.rules'),
    },
    artifacts: { list: op('artifacts.list'), add: op('artifacts.add') },
    agents: { list: op('agents.list'), add: op('agents.add'), update: op('agents.update') },
    dispatches: {
      list: op('dispatches.list'),
      get: op('dispatches.get'),
      start: op('dispatches.start'),
      queue: op('dispatches.queue'),
      queued: op('dispatches.queued'),
      startQueued: op('dispatches.startQueued'),
      unqueue: op('dispatches.unqueue'),
      kill: op('dispatches.kill'),
      wait: op('dispatches.wait'),
      logFile: op('dispatches.logFile'),
      log: op('dispatches.log'),
    },
    budgets: { get: op('budgets.get'), set: op('budgets.set') },
    attention: { list: op('attention.list') },
    events: { list: op('events.list'), writes: op('events.writes') },
    portfolios: portfolioGroup(op),
    ...taskGroups(op),
    onDidChange: (listener) =>
      host.kernels.onDidChange(({ kernel, change }) => {
        listener({
          folder: kernel.folder,
          generation: change.generation,
          origin: change.origin,
          runs: [...change.runs],
          dispatches: [...change.dispatches],
        });
      }),
  };
}

function portfolioGroup(op: <N extends OperationName>(name: N) => Operation<N>): IntercoreApi['portfolios'] {
  return {
    create: op('portfolios.create'),
    list: op('portfolios.list'),
    get: op('portfolios.get'),
    planAdvance: op('portfolios.planAdvance'),
    advance: op('portfolios.advance'),
    checkGate: op('portfolios.checkGate'),
    overrideGate: op('portfolios.overrideGate'),
    planCancel: op('portfolios.planCancel'),
    cancel: op('portfolios.cancel'),
    set: op('portfolios.set'),
    addDependency: op('portfolios.addDependency'),
    removeDependency: op('portfolios.removeDependency'),
    order: op('portfolios.order'),
    addArtifact: op('portfolios.addArtifact'),
    relayNow: op('portfolios.relayNow'),
    pauseRelay: op('portfolios.pauseRelay'),
    resumeRelay: op('portfolios.resumeRelay'),
  };
}

function taskGroups(
  op: <N extends OperationName>(name: N) => Operation<N>,
): Pick<IntercoreApi, 'projects' | 'tasks' | 'subtasks' | 'worktrees'> {
  return {
    projects: {
      add: op('projects.add'),
      addFromGitHub: op('projects.addFromGitHub'),
      sync: op('projects.sync'),
      freeClone: op('projects.freeClone'),
      list: op('projects.list'),
      trustLocation: op('projects.trustLocation'),
      relocate: op('projects.relocate'),
      changeBase: op('projects.changeBase'),
      remove: op('projects.remove'),
    },
    tasks: {
      create: op('tasks.create'),
      list: op('tasks.list'),
      get: op('tasks.get'),
      retryPlanning: op('tasks.retryPlanning'),
      stopPlanning: op('tasks.stopPlanning'),
      sync: op('tasks.sync'),
      setAutoStart: op('tasks.setAutoStart'),
      delete: op('tasks.delete'),
    },
    worktrees: {
      snapshots: op('worktrees.snapshots'),
      restore: op('worktrees.restore'),
      strays: op('worktrees.strays'),
      clean: op('worktrees.clean'),
      proposeSetup: op('worktrees.proposeSetup'),
    },
    subtasks: {
      add: op('subtasks.add'),
      remove: op('subtasks.remove'),
      list: op('subtasks.list'),
      get: op('subtasks.get'),
      start: op('subtasks.start'),
      retry: op('subtasks.retry'),
      retrySetup: op('subtasks.retrySetup'),
      stop: op('subtasks.stop'),
      merge: op('subtasks.merge'),
      landing: op('subtasks.landing'),
      markMerged: op('subtasks.markMerged'),
      retryPullRequest: op('subtasks.retryPullRequest'),
      changes: op('subtasks.changes'),
      trustLocation: op('subtasks.trustLocation'),
      addDependency: op('subtasks.addDependency'),
      removeDependency: op('subtasks.removeDependency'),
      reorder: op('subtasks.reorder'),
      edit: op('subtasks.edit'),
      note: op('subtasks.note'),
    },
  };
}

function operation<N extends OperationName>(host: OperationHost, name: N): Operation<N> {
  return async (args) => await runOperation(host, name, args);
}

/**
 * Runs the operation of that name with arguments that anybody may have written.
 * @throws KernelError as `runWith`
 */
export async function runOperation<N extends OperationName>(
  host: OperationHost,
  name: N,
  args: unknown,
): Promise<OperationResults[N]> {
  const [{ runnable }, { runWith }] = await Promise.all([import('./implementations.js'), import('./runner.js')]);
  return await runWith(host, name, runnable(name), args);
}
