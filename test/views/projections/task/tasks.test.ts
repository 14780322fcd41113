/** The Tasks view and its reports over a real kernel: states, blockers, attempts, tokens, days, what needs a person. */
import assert from 'node:assert/strict';
import type { LeaderState } from '../../../../src/contract/results/tasks';
import { createDispatch, recordProgress } from '../../../../src/kernel/dispatch/service';
import { endAgentRun, linkAgentRun, startAgentRun } from '../../../../src/kernel/tasks/subtask/agentRuns';
import type { Subtask, Task } from '../../../../src/kernel/tasks/record/model';
import {
  completeSubtask,
  enterStage,
  failSubtask,
  placeSubtask,
  startSubtask,
} from '../../../../src/kernel/tasks/subtask/progress';
import { deleteTask } from '../../../../src/kernel/tasks/project/removal';
import { failStage } from '../../../../src/kernel/tasks/upkeep/stageFailures';
import { acceptPlan, addProject, failPlanning } from '../../../../src/kernel/tasks/service';
import { addNote, addSubtask, getSubtask } from '../../../../src/kernel/tasks/subtask/subtasks';
import { trackSubtask } from '../../../../src/kernel/tasks/issue/tracked';
import { asLeader, type Leader } from '../../../../src/services/tasks/leader';
import { report } from '../../../../src/views/documents/reports';
import { leadMessage } from '../../../../src/views/projections/task/leadMessage';
import type { ViewContext } from '../../../../src/views/projections/viewContext';
import { TasksProjection } from '../../../../src/views/projections/task/tasks';
import type { Row } from '../../../../src/views/rows/row';
import { TreeState } from '../../../../src/views/trees/treeState';
import { openTestFolder, viewContextOf, type TestFolder } from '../../../support/records/viewFixture';
import { atOnce } from '../../../support/tasks/steps';
import { aTask, build, CLONE, DIAMOND, planned, workplace } from '../../../support/tasks/taskRecord';
import { foreignText } from '../../../../src/kernel/errors/reasons/problem';

describe('the Tasks view', () => {
  let folder: TestFolder;
  let view: TasksProjection;
  let task: Task;
  let subtasks: Readonly<Record<string, Subtask>>;

  beforeEach(async () => {
    folder = await openTestFolder();
    view = new TasksProjection(viewContextOf(folder));
  });

  const plan = (): void => void ({ task, subtasks } = folder.write((u) => planned(u, DIAMOND)));
  const id = (title: string): string => subtasks[title]?.id ?? assert.fail(title);
  const taskRow = (): Row => view.roots()[0] ?? assert.fail('no task');
  const row = (label: string): Row =>
    view.children(taskRow().ref).find((child) => child.label === label) ?? assert.fail(`no row ${label}`);

  /** A worker that fails after it used some tokens. */
  const attempt = (title: string, error: string): void =>
    folder.write((u) => {
      const dispatch = createDispatch(u, { agentType: 'claude', projectDir: folder.folder, scopeId: task.runId });
      const run = linkAgentRun(u, startAgentRun(u, { subtaskId: id(title) }).id, dispatch.id);
      recordProgress(u, dispatch.id, { inputTokens: 12_000, outputTokens: 300 });
      endAgentRun(u, run.id, { status: 'FAILED', error });
      u.touched.dispatch(dispatch.id);
    });

  it('shows nothing where there is no task, and says why planning failed', () => {
    folder.write((u) => void addProject(u, { name: 'parcels', clonePath: '/projects/parcels', defaultBranch: 'main' }));
    assert.deepEqual(view.roots(), []);
    const { id: taskId } = folder.write((u) => aTask(u));
    assert.equal(taskRow().description, 'planning');
    folder.write((u) => failPlanning(u, taskId, 'the agent made no plan'));
    assert.equal(taskRow().description, 'planning failed · the agent made no plan');
    assert.match(taskRow().contextValue, /^intercore\.task\+planningFailed.*\+writable$/);
  });

  it('names the program that leads instead of this window, and offers to take over and to hand over', () => {
    plan();
    const context = (leaderState: LeaderState): ViewContext => ({
      ...viewContextOf(folder),
      leaderState: () => leaderState,
    });
    const flags = (leaderState: LeaderState): string =>
      new TasksProjection(context(leaderState)).roots()[0]?.contextValue ?? assert.fail('no task');
    assert.match(flags('following'), /^intercore\.task\+active\+following.*\+writable$/);
    assert.match(flags('leading'), /^intercore\.task\+active\+leading.*\+writable$/);
    assert.doesNotMatch(flags('off'), /leading|following/);
    const says = (leaderState: LeaderState, leader?: Partial<Leader>): string =>
      leadMessage(context(leaderState), () => leader && { ...asLeader('ic lead', 0), ...leader });
    const { pid } = process;
    assert.equal(says('following', {}), `The tasks of alpha are led by ic lead, pid ${pid} on this machine.`);
    assert.equal(says('following', { machine: 'nas' }), `The tasks of alpha are led by ic lead, pid ${pid} on nas.`);
    const window = 'The tasks of alpha are led by another window.';
    assert.equal(says('following', { program: 'window' }), window);
    assert.equal(says('following'), window);
    assert.equal(says('leading', {}), '');
  });

  it('shows a clone and a worktree that are recorded elsewhere on their rows, with what a person can do', () => {
    plan();
    folder.write((u) => {
      startSubtask(u, id('A'));
      placeSubtask(u, id('A'), workplace(id('A')));
    });
    const elsewhere = new Set([CLONE, workplace(id('A')).worktreePath]);
    view = new TasksProjection({ ...viewContextOf(folder), isElsewhere: (place) => elsewhere.has(place) });
    const [project = assert.fail('no project'), ...others] = view.roots();
    assert.deepEqual(others, [], 'a lone project has a row then');
    assert.equal(project.description, 'main · 1 open task · recorded elsewhere, not opened');
    assert.match(project.contextValue, /\+elsewhere\b.*\+writable$/);
    const [task = assert.fail('no task')] = view.children(project.ref);
    const rows = view.children(task.ref);
    assert.match(rows[0]?.description ?? '', /in progress.* · recorded elsewhere, not opened/);
    assert.match(rows[0]?.contextValue ?? '', /\+worktree\+elsewhere\b/);
    assert.doesNotMatch(rows[1]?.contextValue ?? '', /elsewhere/);
    elsewhere.clear();
    assert.deepEqual(view.roots(), new TasksProjection(viewContextOf(folder)).roots());
  });

  it('shows a worktree that cannot be seen on its row, with what a person can do', () => {
    plan();
    folder.write((u) => {
      startSubtask(u, id('A'));
      placeSubtask(u, id('A'), workplace(id('A')));
    });
    const unseen = (place: string) =>
      place === workplace(id('A')).worktreePath ? foreignText<string>('its disk is away') : undefined;
    view = new TasksProjection({ ...viewContextOf(folder), unseen });
    const [row = assert.fail('no row'), other] = view.children(view.roots()[0]?.ref ?? assert.fail('no task'));
    assert.match(row.description ?? '', /in progress.* · its worktree cannot be seen/);
    assert.match(row.contextValue, /\+worktree\+unseen\b.*\+writable$/);
    assert.doesNotMatch(other?.contextValue ?? '', /unseen/);
    const location = view.tooltip(row.ref)?.facts.find(([name]) => name === 'Location')?.[1];
    assert.match(
      location ?? '',
      /^The worktree .* cannot be seen: its disk is away\. Connect its disk .* Clean Up Worktrees forgets it\.$/,
    );
  });

  it('offers to retry the set-up of a worktree that failed, and to show its log', () => {
    plan();
    folder.write((u) => {
      startSubtask(u, id('A'));
      const facts = { reason: 'exit code 1', code: 'SETUP_FAILED', failure: 'unknown', passesAt: null } as const;
      failStage(u, { stage: 'setup', subject: id('A'), ...facts, pause: () => 1 });
    });
    const [row, other] = view.children(taskRow().ref);
    assert.match(row?.contextValue ?? '', /\+inProgress\+failing\+setupFailed\+log\b.*\+writable$/);
    assert.match(row?.description ?? '', /^in progress · its set-up failed, tries: 1, next at .* · exit code 1$/);
    assert.equal(row?.icon.id, 'sync~spin', 'it is tried again without a person');
    assert.doesNotMatch(other?.contextValue ?? '', /setupFailed|log/);
  });

  it('shows that a subtask waits until other heavy work of the window is done', () => {
    plan();
    folder.write((u) => startSubtask(u, id('A')));
    view = new TasksProjection({ ...viewContextOf(folder), waitsForTurn: (subtaskId) => subtaskId === id('A') });
    const shown = (): string => view.children(taskRow().ref)[0]?.description ?? '';
    assert.match(shown(), /^in progress · waits for its worktree/);
    folder.write((u) => {
      placeSubtask(u, id('A'), workplace(id('A')));
      enterStage(u, id('A'), 'verify');
    });
    assert.match(shown(), /^in progress · waits for checks/);
  });

  it('shows subtasks in order, each with its state and what it waits for by name', () => {
    plan();
    assert.deepEqual(
      view.children(taskRow().ref).map(({ label, description }) => [label, description]),
      [
        ['A', 'ready'],
        ['B', 'waits for A'],
        ['C', 'waits for A'],
        ['D', 'waits for B and C'],
      ],
    );
    assert.equal(taskRow().description, 'active · 0 of 4 merged');
    folder.write((u) => void build(u, id('A')));
    assert.equal(taskRow().description, 'active · 1 of 4 merged');
    assert.equal(row('B').description, 'ready');
    assert.deepEqual(
      view.children(row('D').ref).map(({ label, description }) => [label, description]),
      [
        ['B', 'needed, ready'],
        ['C', 'needed, ready'],
      ],
    );
    const icons = view.children(taskRow().ref).map(({ icon }) => icon.id);
    assert.equal(new Set(icons).size, 3, 'merged, ready and waiting look different');
  });

  it('shows the work: the current step, the attempt, its usage and its failure (D39)', () => {
    plan();
    folder.write((u) => void startSubtask(u, id('A')));
    assert.equal(row('A').description, 'in progress · creating its worktree');
    folder.write((u) => void placeSubtask(u, id('A'), workplace(id('A'))));
    attempt('A', 'exit code 3');
    assert.equal(row('A').description, 'in progress · running agent · attempt 1 of 10 · 12.3K tokens');
    assert.match(row('A').contextValue, /^intercore\.subtask\+inProgress\+branch\+worktree\+log\+writable$/);
    folder.write((u) => void failSubtask(u, id('A'), 'tests fail'));
    assert.equal(row('A').description, 'failed · attempt 1 of 10 · 12.3K tokens · tests fail');
    const [only] = view.children(row('A').ref);
    assert.equal(only?.label, 'Attempt 1');
    assert.equal(only.description, 'failed · 0 s · 12.3K tokens · exit code 3');
    assert.equal(only.opens?.what, 'document');
  });

  it('shows that work needs a merge, and groups finished work by day', () => {
    plan();
    folder.write((u) => {
      startSubtask(u, id('A'));
      placeSubtask(u, id('A'), workplace(id('A')));
      completeSubtask(u, id('A'), { pullRequest: null });
    });
    assert.equal(row('A').description, 'completed, ready to merge');
    const other = folder.write((u) => planned(u, { One: [] }));
    folder.write((u) => void build(u, other.subtasks['One']?.id ?? ''));
    const [open, day] = view.roots();
    assert.equal(open?.label, task.title);
    assert.equal(day?.description, '1 task done');
    assert.equal(view.children(day.ref)[0]?.description, '1 of 1 merged');
  });

  it('shows the subtasks of a plan to a view that received no event of it (D29)', () => {
    const { id: taskId } = folder.write((u) => aTask(u));
    assert.deepEqual(
      view.children(taskRow().ref).map(({ label }) => label),
      [],
    );
    // No event reports a change: a view reads the current rows.
    folder.write((u) => {
      for (const title of ['A', 'B']) addSubtask(u, { taskId, title });
      acceptPlan(u, taskId, { path: 'plan.md' });
    });
    assert.equal(taskRow().description, 'active · 0 of 2 merged');
    assert.deepEqual(
      view.children(taskRow().ref).map(({ label }) => label),
      ['A', 'B'],
    );
  });

  it('shows the result of issues that were changed in Beads by others', () => {
    plan();
    const state = new TreeState(view);
    const [first] = state.showRoots();
    assert.ok(first !== undefined);
    state.showChildren(first);
    const agreed = { title: '', spec: '', implementationPlan: '', acceptanceCriteria: '', waitsFor: [], comments: [] };
    const track = (title: string, status: 'open' | 'closed' | 'missing'): void =>
      folder.write((u) => {
        const issue = { taskId: task.id, issueId: `iv-${title}`, place: '/beads', status, agreed };
        trackSubtask(u, { ...issue, subtaskId: getSubtask(u, id(title)).id });
      });
    track('A', 'closed');
    const redraw = state.refresh();
    assert.ok(redraw !== 'all' && redraw.some((ref) => ref.kind === 'subtask' && ref.subtaskId === id('A')));
    track('B', 'missing');
    track('C', 'open');
    assert.deepEqual(
      ['A', 'B', 'C'].map((title) => row(title).description),
      ['ready · closed in Beads', 'waits for A · gone from Beads', 'waits for A'],
    );
    const fact = (title: string): string =>
      String(view.tooltip(row(title).ref)?.facts.find(([name]) => name === 'Issue in Beads')?.[1]);
    assert.match(fact('A'), /^iv-A, closed in Beads before work started here/);
    assert.match(fact('B'), /^iv-B, deleted in Beads/);
    assert.equal(fact('C'), 'iv-C');
    folder.write((u) => void startSubtask(u, id('A')));
    assert.doesNotMatch(row('A').description ?? '', /Beads/);
  });

  it('redraws a subtask alone when it changes, and forgets a task that was deleted', () => {
    plan();
    const state = new TreeState(view);
    const [first] = state.showRoots();
    assert.ok(first !== undefined);
    state.showChildren(first);
    folder.write((u) => void startSubtask(u, id('A')));
    const redraw = state.refresh();
    assert.ok(redraw !== 'all');
    assert.deepEqual(
      redraw.map((ref) => (ref.kind === 'subtask' ? ref.subtaskId : ref.kind)),
      [id('A')],
    );
    folder.write((u) => void deleteTask(u, task.id));
    assert.deepEqual(view.roots(), []);
  });

  it('puts tasks under their projects where there are several', () => {
    plan();
    folder.write((u) => void addProject(u, { name: 'web', clonePath: '/projects/web', defaultBranch: 'trunk' }));
    assert.deepEqual(
      view.roots().map(({ label, description, expands }) => [label, description, expands]),
      [
        ['parcels', 'main · 1 open task', 'expanded'],
        ['web', 'trunk · 0 open tasks', 'no'],
      ],
    );
    assert.equal(view.children(taskRow().ref)[0]?.label, task.title);
  });

  it('shows long plans a page at a time', () => {
    const titles = Array.from({ length: 250 }, (_, index) => `Part ${index + 1}`);
    folder.write((u) => void planned(u, Object.fromEntries(titles.map((title) => [title, []]))));
    const first = view.children(taskRow().ref);
    assert.equal(first.length, 101);
    const more = first.at(-1) ?? assert.fail();
    assert.deepEqual({ label: more.label, description: more.description }, { label: 'Show More…', description: '150' });
    assert.equal(view.children(more.ref)[0]?.label, 'Part 101');
  });

  it('reports a task and a subtask with everything that is known', () => {
    plan();
    folder.write((u) => {
      startSubtask(u, id('A'));
      placeSubtask(u, id('A'), workplace(id('A')));
      addNote(u, id('A'), { author: 'agent x', text: 'Mind the dates' });
    });
    attempt('A', 'exit code 3');
    const context = viewContextOf(folder);
    const ofTask = atOnce(report(context, { kind: 'task', folder: folder.folder, taskId: task.id }));
    assert.match(ofTask, /They wait and do not know\./);
    assert.match(ofTask, /4\. D +waiting, after 2, 3/);
    const ofSubtask = atOnce(report(context, { kind: 'subtask', folder: folder.folder, subtaskId: id('A') }));
    assert.match(ofSubtask, /Needed by +B \(waiting\)\n +C \(waiting\)/);
    assert.match(ofSubtask, /Note of agent x[^\n]*\n-+\nMind the dates/);
    assert.match(ofSubtask, /Attempt 1 +failed · 0 s · 12\.3K tokens · exit code 3/);
    assert.match(atOnce(report(context, { kind: 'subtask', folder: folder.folder, subtaskId: 'unknown' })), /unknown/);
  });
});
