/** What waits for a person in a task: its planning, its subtasks, and their issues. */
import assert from 'node:assert/strict';
import type { AttentionItem } from '../../../src/contract/results/attention';
import { endAgentRun, linkAgentRun, startAgentRun } from '../../../src/kernel/tasks/subtask/agentRuns';
import {
  completeSubtask,
  failSubtask,
  mergeSubtask,
  placeSubtask,
  recordProof,
  recordLandingProblem,
  removeSubtask,
  retrySubtask,
  startSubtask,
} from '../../../src/kernel/tasks/subtask/progress';
import { failPlanning, retryPlanning } from '../../../src/kernel/tasks/service';
import { getSubtask } from '../../../src/kernel/tasks/subtask/subtasks';
import { trackSubtask } from '../../../src/kernel/tasks/issue/tracked';
import { attentionIn, kindsIn, onlyItem, unsignedDispatch } from '../../support/views/attention';
import { openTestFolder, type TestFolder } from '../../support/records/viewFixture';
import { aTask, planned, PROOF, workplace } from '../../support/tasks/taskRecord';

describe('what waits for a person in a task', () => {
  let folder: TestFolder;

  beforeEach(async () => {
    folder = await openTestFolder();
  });

  const kinds = (): string[] => kindsIn(folder);
  const only = (items = attentionIn(folder)): AttentionItem => onlyItem(items);
  const unsigned = (errorMessage: string): string => unsignedDispatch(folder, errorMessage);

  it('is planning that failed, until it is tried again', () => {
    const { id } = folder.write((u) => aTask(u));
    folder.write((u) => failPlanning(u, id, 'the agent made no plan'));
    const item = only();
    assert.deepEqual(
      { kind: item.kind, reason: item.reason, place: item.place },
      { kind: 'planningFailed', reason: 'the agent made no plan', place: { kind: 'task', taskId: id } },
    );
    folder.write((u) => retryPlanning(u, id));
    assert.deepEqual(kinds(), []);
  });

  it('is one sign-in of the agent that failed the planning or the subtask', () => {
    const { task, subtasks } = folder.write((u) => planned(u, { A: [] }));
    const subtaskId = subtasks['A']?.id ?? '';
    const problem = 'Not logged in · Please run /login';
    folder.write((u) => startSubtask(u, subtaskId));
    folder.write((u) => placeSubtask(u, subtaskId, workplace(subtaskId)));
    const run = folder.write((u) => startAgentRun(u, { subtaskId }));
    const agentId = unsigned(problem);
    folder.write((u) => linkAgentRun(u, run.id, agentId));
    folder.write((u) => endAgentRun(u, run.id, { status: 'FAILED' }));
    folder.write((u) => failSubtask(u, subtaskId, problem));
    const { kind, reason, action, place } = only();
    assert.deepEqual(
      { kind, reason, action, place },
      {
        kind: 'agentSignInNeeded',
        reason: `claude needs a sign-in: ${problem}`,
        action: {
          name: 'signInAgent',
          command: 'intercore.session.signIn',
          label: 'Sign In…',
          args: { folder: folder.folder, dispatchId: agentId, agentKind: 'claude', taskId: task.id, subtaskId },
        },
        place: { kind: 'subtask', taskId: task.id, subtaskId },
      },
    );
    folder.write((u) => u.db.run('UPDATE dispatches SET status = ? WHERE id = ?', ['hovering', agentId]));
    assert.equal(only().kind, 'attemptsExhausted', 'where its row cannot be read');
    folder.write((u) => retrySubtask(u, subtaskId));
    assert.deepEqual(kinds(), []);
    const other = folder.write((u) => aTask(u));
    const planning = folder.write((u) => startAgentRun(u, { taskId: other.id }));
    const planner = unsigned(problem);
    folder.write((u) => linkAgentRun(u, planning.id, planner));
    folder.write((u) => endAgentRun(u, planning.id, { status: 'FAILED' }));
    folder.write((u) => failPlanning(u, other.id, problem));
    assert.deepEqual(only().place, { kind: 'task', taskId: other.id });
    assert.equal(only().kind, 'agentSignInNeeded');
  });

  it('is a subtask that failed, then work to merge, then why it could not be merged', () => {
    const { subtasks } = folder.write((u) => planned(u, { A: [] }));
    const id = subtasks['A']?.id ?? '';
    const work = (): void => void folder.write((u) => placeSubtask(u, id, workplace(id)));
    folder.write((u) => startSubtask(u, id));
    work();
    folder.write((u) => failSubtask(u, id, 'ten attempts failed'));
    assert.deepEqual(
      { kind: only().kind, reason: only().reason },
      { kind: 'attemptsExhausted', reason: 'ten attempts failed' },
    );
    folder.write((u) => retrySubtask(u, id));
    assert.deepEqual(kinds(), []);
    work();
    folder.write((u) => void recordProof(u, id, { ...PROOF, decidingFiles: ['a.sh', 'b', 'c', 'd'] }));
    folder.write((u) => completeSubtask(u, id, { pullRequest: null }));
    const changed = `branch-${id} is completed and changes files that its checks depend on: a.sh, b, c, …`;
    assert.deepEqual({ kind: only().kind, reason: only().reason }, { kind: 'checksChanged', reason: changed });
    folder.write((u) => u.db.run('UPDATE subtasks SET deciding_files = NULL', []));
    assert.deepEqual(
      { kind: only().kind, reason: only().reason },
      { kind: 'workToMerge', reason: `branch-${id} is completed` },
    );
    folder.write((u) => recordLandingProblem(u, id, 'src/a.ts conflicts'));
    assert.deepEqual(
      { kind: only().kind, reason: only().reason },
      { kind: 'landingFailed', reason: 'src/a.ts conflicts' },
    );
    folder.write((u) => mergeSubtask(u, id));
    assert.deepEqual(kinds(), []);
  });

  it('is an issue that was closed or deleted in Beads before its subtask started', () => {
    const { task, subtasks } = folder.write((u) => planned(u, { A: [], B: ['A'] }));
    const agreed = { title: '', spec: '', implementationPlan: '', acceptanceCriteria: '', waitsFor: [], comments: [] };
    const track = (title: string, status: 'closed' | 'missing'): void =>
      folder.write((u) => {
        const subtaskId = getSubtask(u, subtasks[title]?.id ?? '').id;
        trackSubtask(u, { taskId: task.id, issueId: `iv-${title}`, place: '/beads', status, agreed, subtaskId });
      });
    track('A', 'closed');
    assert.deepEqual(
      { kind: only().kind, severity: only().severity, name: only().action.name },
      { kind: 'issueClosed', severity: 'warning', name: 'removeSubtask' },
    );
    assert.match(only().reason, /^iv-A was closed in Beads/);
    track('B', 'missing');
    assert.deepEqual(kinds(), ['issueClosed', 'issueDeleted']);
    folder.write((u) => void startSubtask(u, subtasks['A']?.id ?? ''));
    assert.deepEqual(kinds(), ['issueDeleted']);
    folder.write((u) => removeSubtask(u, subtasks['B']?.id ?? ''));
    assert.deepEqual(kinds(), []);
  });
});
