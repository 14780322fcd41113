/**
 * A window that leads tasks, merges what is completed, and ends when the task is done. It can be configured to kill
 * itself at a step of a save. Its only argument is a `TaskLife` as JSON; the account of GitHub is in its environment.
 */
import { execFileSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import * as z from 'zod';
import { withBuiltIns } from '../../../src/services/agents/builtInKinds';
import { systemPorts } from '../../../src/host/clock';
import { gitHubOf } from '../../../src/cli/host/gitHub';
import { SAVE_STEPS } from '../../../src/host/image/imageFile';
import { silentLog } from '../../../src/host/log';
import { databaseLocation } from '../../../src/host/files/paths';
import { problemOf } from '../../../src/kernel/errors/errors';
import type { Ports } from '../../../src/kernel/ports';
import { listTasks } from '../../../src/kernel/tasks/service';
import { listSubtasks } from '../../../src/kernel/tasks/subtask/subtasks';
import { Dispatcher } from '../../../src/services/dispatch/dispatcher';
import { ProjectKernel } from '../../../src/services/record/projectKernel';
import type { TaskDeps, TaskSettings } from '../../../src/services/tasks/deps';
import { mergeWhereItBelongs, type MergeDeps } from '../../../src/services/tasks/landing/merge';
import { HeavySteps } from '../../../src/services/tasks/heavySteps';
import { Orchestrator } from '../../../src/services/tasks/lead/orchestrator';
import { taskStorageIn } from '../../../src/services/leader/dispatcher';
import { worktreesFolder } from '../../../src/services/tasks/taskFolders';
import { publishToGitHub } from '../../../src/services/tasks/landing/pullRequests';
import { LAUNCHER } from '../dispatch/dispatchFixture';
import { environmentOf } from '../dispatch/environment';
import { testDeps } from '../projects';
import { testGit } from '../git';
import { BIN } from './taskFixture';

export const taskLife = z.strictObject({
  project: z.string(),
  storage: z.string(),
  home: z.string(),
  settings: z.custom<TaskSettings>(),
  /** How much later than it is this window believes it to be, so that no test waits for what waits for a time. */
  lateMs: z.number(),
  /** Whether work is brought out on the GitHub of `GITHUB_SERVER_URL`, with the account of `GH_TOKEN`. */
  gitHub: z.boolean().optional(),
  /** Dies by SIGKILL at this step of the save with this number, counted from 1. */
  dieAt: z.strictObject({ step: z.enum(SAVE_STEPS), save: z.int() }).optional(),
  /** Dies as soon as this query of the record has a row after a change. */
  dieOn: z.string().optional(),
  /** Dies when the base branch is no longer at this commit, and before the record can say so. */
  dieOnceMovedFrom: z.string().optional(),
});
export type TaskLife = z.infer<typeof taskLife>;

async function main(life: TaskLife): Promise<void> {
  const ports: Ports = { ...systemPorts, clock: { nowMs: () => Date.now() + life.lateMs } };
  let saves = 0;
  const onStep = (step: (typeof SAVE_STEPS)[number]): void => {
    if (step === 'locked') saves += 1;
    if (step === life.dieAt?.step && saves === life.dieAt.save) die();
    if (step === 'locked' && hasMoved(life)) die();
  };
  const kernel = new ProjectKernel(databaseLocation(life.project), testDeps({ ports, onStep, watch: true }));
  await kernel.load();
  const { dieOn } = life;
  if (dieOn !== undefined) {
    kernel.onDidChange(() => {
      if (kernel.read((r) => r.db.rows(dieOn, [])).length > 0) die();
    });
  }
  const deps = depsOf(life, kernel, ports);
  const orchestrator = new Orchestrator(deps);
  orchestrator.start();
  await deps.dispatcher.adopt(kernel);
  await mergeAll(deps);
  await orchestrator.close();
  await deps.dispatcher.dispose();
  await kernel.dispose();
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

function hasMoved({ project, dieOnceMovedFrom: before }: TaskLife): boolean {
  if (before === undefined) return false;
  return execFileSync('git', ['rev-parse', 'main'], { cwd: project, encoding: 'utf8' }).trim() !== before;
}

function depsOf(life: TaskLife, kernel: ProjectKernel, ports: Ports): TaskDeps & MergeDeps {
  const { storage, home, project, settings } = life;
  const account = life.gitHub === true ? process.env : {};
  const git = testGit();
  const { github, transport } = gitHubOf({ ...account, XDG_STATE_HOME: storage }, [project], undefined);
  const dispatcher = new Dispatcher({
    kinds: () => withBuiltIns([]),
    storageDir: storage,
    launcherPath: LAUNCHER,
    icBinDir: BIN,
    workFolders: () => [worktreesFolder(taskStorageIn(storage))],
    environment: environmentOf({ ...process.env, HOME: home }),
    ports,
    log: silentLog,
    canRun: () => true,
    mayStart: () => Promise.resolve(),
    graceMs: () => 500,
  });
  const publishing = { kernel, git, transport, github, settings: () => ({ draft: false, labels: [] }), log: silentLog };
  const given = {
    kernel,
    dispatcher,
    trusted: () => true,
    launcherPath: LAUNCHER,
    git,
    transport,
    github: () => github,
    storageDir: taskStorageIn(storage),
    settings: () => settings,
    heavySteps: new HeavySteps({ log: silentLog, before: () => dispatcher.endingsRecorded() }),
    publish: publishToGitHub(publishing),
    ports,
  };
  return { ...given, log: silentLog, chance: () => 0 };
}

/** Merges what is completed, until nothing is left to do. */
async function mergeAll(deps: MergeDeps): Promise<void> {
  const { kernel } = deps;
  for (;;) {
    const { isOver, completed } = kernel.read((r) => {
      const tasks = listTasks(r);
      const subtasks = tasks.flatMap((task) => listSubtasks(r, task.id));
      const isAtRest = subtasks.every(({ worktreePath }) => worktreePath === null);
      return {
        isOver: isAtRest && tasks.every(({ status }) => status === 'DONE' || status === 'PLANNING_FAILED'),
        completed: subtasks.find(({ status }) => status === 'COMPLETED'),
      };
    });
    if (isOver) return;
    if (completed === undefined) await changed(kernel);
    else await mergeWhereItBelongs(deps, completed.id);
  }
}

function changed(kernel: ProjectKernel): Promise<void> {
  return new Promise((resolve) => {
    const subscription = kernel.onDidChange(() => {
      subscription.dispose();
      resolve();
    });
  });
}

if (require.main === module) {
  main(taskLife.parse(JSON.parse(process.argv[2] ?? ''))).catch((error: unknown) => {
    writeSync(2, `${problemOf(error)}\n`);
    process.exitCode = 1;
  });
}
