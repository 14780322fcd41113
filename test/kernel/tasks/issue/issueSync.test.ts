/** Taking over what an outside tracker says: every status of an issue against every state of a subtask. */
import assert from 'node:assert/strict';
import { startAgentRun } from '../../../../src/kernel/tasks/subtask/agentRuns';
import { taskRecordProblems } from '../../../../src/kernel/tasks/upkeep/invariants';
import { isPushDue, pushesDue } from '../../../../src/kernel/tasks/issue/issuePushes';
import { leftIssues, SYNC_EFFECTS } from '../../../../src/kernel/tasks/issue/issueEffects';
import { pullIssues, type SyncReport, type TrackedIssue } from '../../../../src/kernel/tasks/issue/issueSync';
import { SUBTASK_STATES, type SubtaskState } from '../../../../src/kernel/tasks/record/machine';
import {
  completeSubtask,
  recordProof,
  failSubtask,
  mergeSubtask,
  placeSubtask,
  removeSubtask,
  startSubtask,
} from '../../../../src/kernel/tasks/subtask/progress';
import { acceptPlan } from '../../../../src/kernel/tasks/service';
import {
  editSubtask,
  getSubtask,
  listNotes,
  listSubtasks,
  neighborsOf,
} from '../../../../src/kernel/tasks/subtask/subtasks';
import {
  ISSUE_STATUSES,
  orphanedIssues,
  trackedSubtask,
  trackEpic,
  untracked,
} from '../../../../src/kernel/tasks/issue/tracked';
import { stateOf } from '../../../../src/kernel/tasks/record/transition';
import type { Task } from '../../../../src/kernel/tasks/record/model';
import { deleteTask } from '../../../../src/kernel/tasks/project/removal';
import type { Unit } from '../../../../src/kernel/unit';
import { openTestKernel, type TestKernel } from '../../../support/records/kernel';
import { aTask, PROOF, workplace } from '../../../support/tasks/taskRecord';

const PLACE = '/beads/.beads';

function anIssue(id: string, more: Partial<TrackedIssue> = {}): TrackedIssue {
  const text = { title: `Write ${id}`, spec: 'so', implementationPlan: '', acceptanceCriteria: '' };
  return { ...text, id, status: 'open', closeReason: '', waitsFor: [], comments: [], ...more };
}

describe('what an outside tracker says', () => {
  let kernel: TestKernel;
  let task: Task;
  beforeEach(async () => {
    kernel = await openTestKernel();
    task = kernel.write((u) => aTask(u));
    kernel.write((u) => trackEpic(u, { taskId: task.id, issueId: 'e', place: PLACE, status: 'open' }));
  });
  afterEach(() => assert.deepEqual(kernel.read(taskRecordProblems), []));

  const pull = (...issues: readonly TrackedIssue[]): SyncReport =>
    kernel.write((u) => pullIssues(u, task.id, PLACE, issues));
  const accept = (): void => void kernel.write((u) => acceptPlan(u, task.id, { path: 'plan.md' }));
  const idOf = (title: string): string =>
    kernel.read((r) => listSubtasks(r, task.id)).find((one) => one.title === title)?.id ?? assert.fail(title);
  const waitsFor = (title: string): string[] =>
    kernel.read((r) => neighborsOf(r, getSubtask(r, idOf(title))).dependsOn.map((id) => getSubtask(r, id).title));

  /** Takes the subtask of issue `b`, which waits for `a`, to a state. */
  function bring(u: Unit, id: string, state: SubtaskState): void {
    if (state === 'BLOCKED_DEPENDENCY' || state === 'READY' || state === 'PENDING') return;
    startSubtask(u, id);
    if (state === 'BLOCKED_FAILURE') failSubtask(u, id, 'it failed');
    if (state !== 'COMPLETED' && state !== 'MERGED') return;
    placeSubtask(u, id, workplace(id));
    recordProof(u, id, PROOF);
    completeSubtask(u, id, { pullRequest: null });
    if (state === 'MERGED') mergeSubtask(u, id);
  }

  for (const status of ISSUE_STATUSES) {
    for (const state of SUBTASK_STATES) {
      it(`sets no work back: an issue that is ${status}, a subtask that is ${state} (D15)`, () => {
        const waits = state === 'BLOCKED_DEPENDENCY' ? ['a'] : [];
        const [a, b] = [anIssue('a'), anIssue('b', { waitsFor: waits })];
        pull(a, b);
        const id = idOf('Write b');
        if (state !== 'PENDING') accept();
        kernel.write((u) => bring(u, id, state));
        assert.equal(stateOf(kernel.read((r) => getSubtask(r, id))), state);
        const before = kernel.read((r) => getSubtask(r, id));

        const report = status === 'missing' ? pull(a) : pull(a, { ...b, status, title: 'Write it again' });
        const effect = SYNC_EFFECTS[status][state];
        if (effect === 'orphan' && state === 'PENDING') {
          assert.deepEqual(report.removed, [id]);
          return;
        }
        const after = kernel.read((r) => getSubtask(r, id));
        assert.equal(stateOf(after), state);
        assert.equal(after.title, effect === 'follow' ? 'Write it again' : before.title);
        assert.equal(after.closedAt !== before.closedAt, effect === 'claim');
        assert.deepEqual(report.closedOutside, effect === 'outside' ? [id] : []);
        assert.deepEqual(report.missing, effect === 'orphan' ? [id] : []);
      });
    }
  }

  it('leaves a subtask alone while an agent works on it (D15)', () => {
    pull(anIssue('a'));
    accept();
    const id = idOf('Write a');
    kernel.write((u) => {
      startSubtask(u, id);
      placeSubtask(u, id, workplace(id));
      startAgentRun(u, { subtaskId: id });
    });
    assert.deepEqual(pull(anIssue('a', { status: 'closed' })).claimed, []);
    assert.equal(kernel.read((r) => getSubtask(r, id)).closedAt, null);
  });

  it('takes over dependencies that are new, gone and turned round, and frees what waits for nothing (D15)', () => {
    pull(anIssue('a'), anIssue('b', { waitsFor: ['a'] }));
    accept();
    assert.deepEqual(waitsFor('Write b'), ['Write a']);
    pull(anIssue('a', { waitsFor: ['b'] }), anIssue('b'));
    assert.deepEqual([waitsFor('Write a'), waitsFor('Write b')], [['Write b'], []]);
    assert.equal(kernel.read((r) => getSubtask(r, idOf('Write b'))).status, 'READY');
    pull(anIssue('a'), anIssue('b'));
    assert.equal(kernel.read((r) => getSubtask(r, idOf('Write a'))).status, 'READY');
  });

  it('refuses a circle and an issue of elsewhere, and says which (D33)', () => {
    const { refused } = pull(anIssue('a', { waitsFor: ['b', 'z-1'] }), anIssue('b', { waitsFor: ['a'] }));
    assert.match(refused.join('\n'), /a waits for z-1, which is no subtask/);
    assert.match(refused.join('\n'), /b cannot wait for a: .*circle: Write a → Write b → Write a|circle/);
    assert.deepEqual([waitsFor('Write a'), waitsFor('Write b')], [['Write b'], []]);
    // What was refused is not taken away over there.
    assert.deepEqual(
      kernel.read((r) => pushesDue(r, task.id)),
      [],
    );
  });

  it('makes notes of comments, once', () => {
    const comments = [{ id: '1', author: 'agent', text: 'the port is taken' }];
    pull(anIssue('a', { comments }));
    pull(anIssue('a', { comments }));
    assert.deepEqual(
      kernel.read((r) => listNotes(r, idOf('Write a'))).map(({ author, text }) => [author, text]),
      [['agent', 'the port is taken']],
    );
  });

  it('changes nothing where nothing has changed, and tells what has changed here', () => {
    pull(anIssue('a'), anIssue('b', { waitsFor: ['a'] }));
    accept();
    const again = pull(anIssue('a'), anIssue('b', { waitsFor: ['a'] }));
    assert.deepEqual(Object.values(again).flat(), []);
    assert.equal(
      kernel.read((r) => isPushDue(r, task.id)),
      false,
    );
    const id = idOf('Write a');
    kernel.write((u) => void editSubtask(u, id, { spec: 'otherwise' }));
    assert.deepEqual(
      kernel.read((r) => pushesDue(r, task.id)).map(({ kind, issueId }) => [kind, issueId]),
      [['edit', 'a']],
    );
    assert.deepEqual(
      kernel.read((r) => untracked(r, task.id)),
      [],
    );
    assert.equal(kernel.read((r) => trackedSubtask(r, id))?.issueId, 'a');
  });

  it('has nothing to say about what was removed here, though it is still there', () => {
    pull(anIssue('a'), anIssue('b', { waitsFor: ['a'] }));
    accept();
    kernel.write((u) => removeSubtask(u, idOf('Write a')));
    const report = pull(anIssue('a', { status: 'closed' }), anIssue('b', { waitsFor: ['a'] }));
    assert.deepEqual(Object.values(report).flat(), []);
    assert.deepEqual(
      kernel.read((r) => orphanedIssues(r, PLACE)).map(({ issueId }) => issueId),
      ['a'],
    );
    assert.equal(
      kernel.read((r) => isPushDue(r, task.id)),
      false,
    );
  });

  it('keeps subtasks waiting for an issue that was deleted, and names what a person must decide', () => {
    pull(anIssue('a'), anIssue('b', { waitsFor: ['a'] }), anIssue('c'));
    accept();
    assert.deepEqual(pull(anIssue('b'), anIssue('c', { status: 'closed' })).missing, [idOf('Write a')]);
    assert.deepEqual(waitsFor('Write b'), ['Write a']);
    const left = (): unknown => kernel.read((r) => leftIssues(r, task.id)).map(({ issueId, how }) => [issueId, how]);
    assert.deepEqual(left(), [
      ['a', 'deleted'],
      ['c', 'closed'],
    ]);
    kernel.write((u) => ['Write a', 'Write c'].forEach((title) => void startSubtask(u, idOf(title))));
    assert.deepEqual(left(), []);
  });

  it('remembers the issues of a task that was deleted, so that they can be deleted too', () => {
    pull(anIssue('a'));
    kernel.write((u) => void deleteTask(u, task.id));
    const orphans = kernel.read((r) => orphanedIssues(r, PLACE)).map(({ issueId }) => issueId);
    assert.deepEqual(orphans.sort(), ['a', 'e']);
  });
});
