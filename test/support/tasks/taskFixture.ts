/** Tasks on a real repository: real git, a real dispatcher, and agents that are shell scripts which call `ic`. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createRepository, git, PARCEL_API } from '../../../scripts/demo/repositories';
import type { AgentKind } from '../../../src/contract/agentKinds';
import { systemPorts } from '../../../src/host/clock';
import { testGit } from '../git';
import type { GitDeps } from '../../../src/host/git/git';
import { silentLog } from '../../../src/host/log';
import { listAgentRuns } from '../../../src/kernel/tasks/subtask/agentRuns';
import { taskRecordProblems } from '../../../src/kernel/tasks/upkeep/invariants';
import type { AgentRun, Subtask, Task } from '../../../src/kernel/tasks/record/model';
import { addProject, createTask, getTask } from '../../../src/kernel/tasks/service';
import { getSubtask, listSubtasks } from '../../../src/kernel/tasks/subtask/subtasks';
import type { Dispatcher, DispatcherDeps } from '../../../src/services/dispatch/dispatcher';
import { taskStorageIn } from '../../../src/services/leader/dispatcher';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import type { TaskDeps, TaskSettings } from '../../../src/services/tasks/deps';
import { HeavySteps } from '../../../src/services/tasks/heavySteps';
import { Orchestrator } from '../../../src/services/tasks/lead/orchestrator';
import { worktreesFolder } from '../../../src/services/tasks/taskFolders';
import { LAUNCHER, PATIENCE_MS, Stage } from '../dispatch/dispatchFixture';
import { environmentOf } from '../dispatch/environment';
import { PortBases } from '../../../src/host/state/portBases';
import { defined } from '../../../src/kernel/defined';

/** Compiled tests are in out/test/support, three folders below the project. */
export const BIN = path.resolve(__dirname, '../../../../bin');

/** Plans a diamond: A, then B and C, then D. */
export const DIAMOND_PLANNER = `
  a=$(ic subtask create --title="Write A"); b=$(ic subtask create --title="Write B")
  c=$(ic subtask create --title="Write C"); d=$(ic subtask create --title="Write D")
  ic subtask depend "$b" --on="$a" && ic subtask depend "$c" --on="$a"
  ic subtask depend "$d" --on="$b" && ic subtask depend "$d" --on="$c"`;

/** Plans one subtask. */
export const SINGLE_PLANNER = 'ic subtask create --title="Write A"';

/** Does what a good worker does. */
export const GOOD_WORKER = `
  echo work > "$INTERCORE_SUBTASK_ID.txt" && git add --all && git commit --quiet --message="Do the work"
  ic subtask close --reason=done`;

export class TaskFixture {
  readonly stage: Stage;
  readonly kernel: ProjectKernel;
  private readonly orchestrators: Orchestrator[] = [];
  settings: TaskSettings;
  publish: TaskDeps['publish'] = () => Promise.resolve(null);
  /** Looked after from the next `start` on. */
  pullRequests: TaskDeps['pullRequests'];
  transport: TaskDeps['transport'];
  /** Followed from the next `start` on. */
  held: TaskDeps['held'];
  beforeStage: TaskDeps['beforeStage'];
  /** Of git as we run it: whose configuration it reads. */
  gitEnvironment: NodeJS.ProcessEnv = process.env;
  /** How long git may go without a sign of life; the defaults where left out. */
  gitLimits: GitDeps['limits'];
  /** Which folders git may run in; all temporary ones where left out. */
  places: GitDeps['places'] | undefined;

  private constructor(stage: Stage, kernel: ProjectKernel, settings: TaskSettings) {
    this.stage = stage;
    this.kernel = kernel;
    this.settings = settings;
  }

  /** A repository with history, a record and a project; nothing is running yet. */
  static async open(): Promise<TaskFixture> {
    const stage = await Stage.open();
    await createRepository(stage.project, PARCEL_API);
    const kernel = await stage.kernel();
    await kernel.write((u) => addProject(u, { name: 'parcels', clonePath: stage.project, defaultBranch: 'main' }));
    const fixture = new TaskFixture(stage, kernel, {
      planner: 'shell',
      worker: 'shell',
      maxAttempts: 3,
      timeLimitMinutes: 5,
      maxConcurrent: 4,
      checks: [],
      failedCleanupMinutes: 60,
      backoff: { baseSeconds: 0.05, capSeconds: 0.2, jitter: 0 },
      plannerPrompt: path.join(stage.root, 'planner.sh'),
      workerPrompt: path.join(stage.root, 'worker.sh'),
    });
    await fixture.agents(SINGLE_PLANNER, GOOD_WORKER);
    return fixture;
  }

  /** The prompt of a shell agent is its program; the facts are in a here-document that is discarded. */
  async agents(
    planner: string,
    worker: string,
    plannerPlaces: readonly string[] = [],
    workerPlaces: readonly string[] = [],
  ): Promise<void> {
    const ignored = (...places: readonly string[]): string =>
      `cat > /dev/null <<'FACTS'\n${places.map((place) => `{{${place}}}`).join('\n')}\nFACTS\n`;
    const task = ignored('taskTitle', 'taskDescription', 'history', ...plannerPlaces);
    await writeFile(this.settings.plannerPrompt, `${task}${planner}\n`);
    const facts = ignored('subtaskTitle', 'spec', 'branch', 'history', ...workerPlaces);
    await writeFile(this.settings.workerPrompt, `${facts}${worker}\n`);
  }

  /** Where tasks keep their files, as in a window. */
  get storage(): string {
    return taskStorageIn(this.stage.storage);
  }

  /** Of a window. */
  heavySteps = (dispatcher: Dispatcher): HeavySteps =>
    new HeavySteps({ log: silentLog, before: () => dispatcher.endingsRecorded() });

  deps(dispatcher: Dispatcher): TaskDeps {
    return {
      kernel: this.kernel,
      dispatcher,
      trusted: () => true,
      launcherPath: LAUNCHER,
      git: testGit({
        environment: this.gitEnvironment,
        ...defined({ limits: this.gitLimits, places: this.places }),
      }),
      storageDir: this.storage,
      settings: () => this.settings,
      heavySteps: this.heavySteps(dispatcher),
      publish: (work) => this.publish(work),
      portBaseOf: (worktree) => new PortBases(path.join(this.stage.root, 'ports.json')).baseOf(worktree),
      ...defined({
        pullRequests: this.pullRequests,
        beforeStage: this.beforeStage,
        held: this.held,
        transport: this.transport,
      }),
      ports: systemPorts,
      log: silentLog,
      chance: () => 0,
    };
  }

  dispatcher(kinds: readonly AgentKind[] = [], deps: Partial<DispatcherDeps> = {}): Dispatcher {
    return this.stage.dispatcher(
      {
        icBinDir: BIN,
        workFolders: () => [worktreesFolder(this.storage)],
        environment: environmentOf({ ...process.env, HOME: this.stage.home }),
        ...deps,
      },
      kinds,
    );
  }

  /** Starts to orchestrate, like a window that opens. */
  start(dispatcher = this.dispatcher()): Orchestrator {
    const orchestrator = new Orchestrator(this.deps(dispatcher));
    this.orchestrators.push(orchestrator);
    orchestrator.start();
    return orchestrator;
  }

  async task(more: { autoStart?: boolean } = {}): Promise<Task> {
    return this.kernel.write((u) => {
      const [project] = u.db.rows('SELECT id FROM projects', []);
      return createTask(u, {
        projectId: String(project?.['id']),
        title: 'Late parcels',
        description: 'Tell people.',
        ...more,
      });
    });
  }

  read(task: Task): { task: Task; subtasks: readonly Subtask[] } {
    return this.kernel.read((r) => ({ task: getTask(r, task.id), subtasks: listSubtasks(r, task.id) }));
  }

  subtask(id: string): Subtask {
    return this.kernel.read((r) => getSubtask(r, id));
  }

  attempts(task: Task, subtaskId: string | null = null): AgentRun[] {
    return this.kernel.read((r) => listAgentRuns(r, task.id, subtaskId)).reverse();
  }

  /** Resolves once the record matches the condition. */
  async when(what: string, isSo: () => boolean, patienceMs = PATIENCE_MS): Promise<void> {
    const limit = AbortSignal.timeout(patienceMs);
    await new Promise<void>((resolve, reject) => {
      const check = (): void => {
        if (isSo()) done(resolve);
      };
      const subscription = this.kernel.onDidChange(check);
      const done = (then: () => void): void => {
        subscription.dispose();
        then();
      };
      limit.addEventListener('abort', () => done(() => reject(new Error(`It never came to this: ${what}`))));
      check();
    });
  }

  async git(...args: readonly string[]): Promise<string> {
    return (await git(this.stage.project, args)).trim();
  }

  async write(name: string, text: string): Promise<void> {
    const file = path.join(this.stage.project, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  async close(): Promise<void> {
    await Promise.all(this.orchestrators.map((orchestrator) => orchestrator.close()));
    const problems = this.kernel.state.kind === 'ready' ? this.kernel.read(taskRecordProblems) : [];
    await this.stage.close();
    assert.deepEqual(problems, []);
  }
}
