/** Everything that waits for a person comes from facts of the record, and goes when they do. */
import assert from 'node:assert/strict';
import type { AttentionItem } from '../../../src/contract/results/attention';
import { createDispatch, recordProgress } from '../../../src/kernel/dispatch/service';
import { KernelError, type ErrorCode } from '../../../src/kernel/errors/errors';
import { foreignText } from '../../../src/kernel/errors/reasons/problem';
import { askOverride } from '../../../src/kernel/gate/service';
import { dispatchId } from '../../../src/kernel/ids';
import { enqueue, setQueuedProblem } from '../../../src/kernel/queue/service';
import type { CreateRunInput, Run } from '../../../src/kernel/run/record/model';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { rollbackRun } from '../../../src/kernel/run/rollback';
import { advanceRun } from '../../../src/kernel/run/advance';
import { overrideGate } from '../../../src/kernel/run/override';
import { createRun, setRun } from '../../../src/kernel/run/record/runs';
import { addArtifact } from '../../../src/kernel/tracking/service';
import { endAgentRun, linkAgentRun, startAgentRun } from '../../../src/kernel/tasks/subtask/agentRuns';
import { completeSubtask, placeSubtask, startSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { failPlanning } from '../../../src/kernel/tasks/service';
import type { KernelState } from '../../../src/services/record/kernelState';
import { attentionIn, kindsIn, onlyItem, unsignedDispatch } from '../../support/views/attention';
import { openTestFolder, type TestFolder } from '../../support/records/viewFixture';
import { aTask, planned, workplace } from '../../support/tasks/taskRecord';
import { defined } from '../../../src/kernel/defined';

describe('what waits for a person', () => {
  let folder: TestFolder;

  beforeEach(async () => {
    folder = await openTestFolder();
  });

  const aRun = (input: Partial<CreateRunInput> = {}): Run =>
    folder.write((u) => createRun(u, { projectDir: folder.folder, goal: 'Ship the importer', ...input }));
  const advance = (run: Run): void => void folder.write((u) => advanceRun(u, run.id, { tier: folder.tier }));
  const artifact = (run: Run, phase: string): void =>
    void folder.write((u) => addArtifact(u, { runId: run.id, phase, path: `${phase}.md` }));
  const kinds = (): string[] => kindsIn(folder);
  const only = (items = attentionIn(folder)): AttentionItem => onlyItem(items);
  const unsigned = (errorMessage: string): string => unsignedDispatch(folder, errorMessage);

  it('is a dispatch whose agent was not signed in, for a day or until the next of its kind', () => {
    const dispatchId = unsigned('Not logged in');
    assert.deepEqual(only().place, { kind: 'dispatch', dispatchId });
    folder.kernel.clock.advance(86_300);
    assert.deepEqual(kinds(), ['agentSignInNeeded']);
    folder.kernel.clock.advance(200);
    assert.deepEqual(kinds(), []);
    unsigned('Not logged in');
    folder.write((u) => createDispatch(u, { agentType: 'codex', projectDir: folder.folder }));
    assert.deepEqual(kinds(), ['agentSignInNeeded']);
    folder.write((u) => createDispatch(u, { agentType: 'claude', projectDir: folder.folder }));
    assert.deepEqual(kinds(), []);
  });

  describe('at a gate', () => {
    it('is a run whose advance was blocked, with what is missing and since when', () => {
      const run = aRun();
      assert.deepEqual(kinds(), [], 'a blocking gate without an attempt');
      folder.kernel.clock.advance(60);
      advance(run);
      const since = folder.kernel.clock.now;
      folder.kernel.clock.advance(60);
      advance(run);
      const item = only();
      assert.deepEqual(
        { kind: item.kind, severity: item.severity, title: item.title, since: item.since },
        { kind: 'gateFailed', severity: 'blocking', title: 'Ship the importer', since },
      );
      assert.equal(item.reason, 'brainstorm → brainstorm-reviewed: no artifacts found for phase "brainstorm"');
      assert.deepEqual(item.action, {
        name: 'artifact',
        command: 'intercore.artifact.add',
        args: { folder: folder.folder, runId: run.id },
        label: 'Add Artifact…',
      });
      assert.deepEqual(item.place, { kind: 'run', runId: run.id });
    });

    it('goes when the gate is green, also before the run moves', () => {
      const run = aRun();
      advance(run);
      artifact(run, 'brainstorm');
      assert.deepEqual(kinds(), []);
    });

    it('goes when the run moves, is cancelled, or its gates no longer block', () => {
      const [moved, cancelled, soft] = [aRun(), aRun(), aRun()];
      for (const run of [moved, cancelled, soft]) advance(run);
      folder.write((u) => overrideGate(u, moved.id, { reason: 'reviewed by hand' }));
      folder.write((u) => cancelRun(u, cancelled.id));
      assert.deepEqual(only().place, { kind: 'run', runId: soft.id });
      folder.tier = 'soft';
      assert.deepEqual(kinds(), []);
    });

    it('does not come back for a run that was rolled back to the phase it was blocked in', () => {
      const run = aRun();
      advance(run);
      folder.write((u) => overrideGate(u, run.id, { reason: 'fine' }));
      folder.write((u) => rollbackRun(u, run.id, { toPhase: 'brainstorm' }));
      assert.deepEqual(kinds(), []);
      advance(run);
      assert.deepEqual(kinds(), ['gateFailed']);
    });
  });

  describe('for an override', () => {
    const ask = (run: Run, reason = 'the plan is in the ticket'): void =>
      void folder.write((u) => askOverride(u, run.id, { reason, actor: 'agent-7' }));

    it('is what was asked, by whom and why, once for a run that was blocked too', () => {
      const run = aRun();
      advance(run);
      ask(run, 'an older reason');
      ask(run);
      const item = only();
      assert.deepEqual(
        { kind: item.kind, command: item.action.command },
        { kind: 'overrideAsked', command: 'intercore.gate.override' },
      );
      assert.equal(item.reason, 'agent-7 requests to leave brainstorm: the plan is in the ticket');
    });

    it('goes when the override is given, the gate is green, or the run has moved on and come back', () => {
      const [given, green, back] = [aRun(), aRun(), aRun()];
      for (const run of [given, green, back]) ask(run);
      assert.equal(attentionIn(folder).length, 3);
      folder.write((u) => overrideGate(u, given.id, { reason: 'fine' }));
      artifact(green, 'brainstorm');
      artifact(back, 'brainstorm');
      advance(back);
      folder.write((u) => rollbackRun(u, back.id, { toPhase: 'brainstorm' }));
      assert.deepEqual(kinds(), []);
    });

    it('cannot be asked for a run that has ended', () => {
      const run = aRun();
      folder.write((u) => cancelRun(u, run.id));
      assert.throws(() => ask(run), { code: 'RUN_TERMINAL' });
      assert.throws(() => ask(aRun(), '  '), { code: 'INVALID_ARGUMENT' });
    });
  });

  it('is a budget that is used up or nearly so, until it is raised', () => {
    const run = aRun({ tokenBudget: 1000 });
    const { id } = folder.write((u) => createDispatch(u, { agentType: 'claude', projectDir: '/p', scopeId: run.id }));
    const use = (inputTokens: number): void => void folder.write((u) => recordProgress(u, id, { inputTokens }));
    use(700);
    assert.deepEqual(kinds(), []);
    use(850);
    assert.deepEqual(
      { kind: only().kind, severity: only().severity, reason: only().reason },
      { kind: 'budgetWarning', severity: 'warning', reason: '850 tokens of 1000 tokens used' },
    );
    use(1000);
    assert.deepEqual(
      { kind: only().kind, severity: only().severity, command: only().action.command },
      { kind: 'budgetExceeded', severity: 'blocking', command: 'intercore.run.setBudget' },
    );
    folder.write((u) => setRun(u, run.id, { tokenBudget: 5000 }));
    assert.deepEqual(kinds(), []);
  });

  describe('in a folder', () => {
    const failedWith = (code: ErrorCode, error: KernelError, backup?: string): KernelState => {
      assert.equal(error.code, code);
      return { kind: 'failed', error, ...defined({ backup }) };
    };

    it('is a database that is damaged, in use or unreadable, with what helps', () => {
      const damaged = new KernelError('DATABASE_DAMAGED', {
        path: 'intercore.db',
        problem: foreignText<string>('a torn page'),
      });
      const busy = new KernelError('DATABASE_IN_USE', { path: 'intercore.db', by: 'sqlite3' });
      const cases: [KernelState, string, string][] = [
        [failedWith('DATABASE_DAMAGED', damaged, 'intercore.db.backup-1'), 'databaseDamaged', 'restore'],
        [failedWith('DATABASE_DAMAGED', damaged), 'databaseDamaged', 'log'],
        [failedWith('DATABASE_IN_USE', busy), 'databaseBusy', 'reload'],
        [
          { kind: 'failed', error: new KernelError('DATABASE_PATH', { path: 'x', problem: foreignText<string>('y') }) },
          'databaseUnreadable',
          'reload',
        ],
        [
          { kind: 'readOnly', error: new KernelError('DATABASE_NEWER', { path: 'x', version: 99, supported: 10 }) },
          'databaseNewer',
          'log',
        ],
        [
          {
            kind: 'readOnly',
            error: new KernelError('DATABASE_READ_ONLY', { path: 'x', problem: foreignText<string>('y') }),
          },
          'databaseReadOnly',
          'reload',
        ],
      ];
      for (const [state, kind, action] of cases) {
        folder.state = state;
        assert.deepEqual(
          { kind: only().kind, name: only().action.name, place: only().place },
          { kind, name: action, place: { kind: 'folder' } },
        );
      }
      folder.state = { kind: 'ready' };
      assert.deepEqual(kinds(), []);
    });

    it('is that agents are not allowed, as long as they have work', () => {
      const { id } = folder.write((u) => aTask(u));
      const forbidden = () => attentionIn(folder, { leaderState: 'forbidden' }).map(({ kind }) => kind);
      assert.deepEqual(forbidden(), ['consentNeeded']);
      assert.deepEqual(kinds(), []);
      folder.write((u) => failPlanning(u, id, 'no plan'));
      assert.deepEqual(forbidden(), ['planningFailed']);
    });

    it('names programs that agents need before they can be allowed', () => {
      folder.write((u) => aTask(u));
      const items = (absent: readonly string[]) => attentionIn(folder, { leaderState: 'forbidden', seen: { absent } });
      assert.deepEqual(
        items([]).map(({ kind }) => kind),
        ['consentNeeded'],
      );
      const { kind, reason, action } = only(items(['codex-acp', 'codex']));
      assert.deepEqual({ kind, action: action.name }, { kind: 'agentsNotInstalled', action: 'allow' });
      assert.match(reason, /not allowed here yet\. Not found on PATH: codex-acp, codex$/);
    });
  });

  describe('in the queue', () => {
    it('is a dispatch that came with the folder, whatever its record says of it', () => {
      const id = dispatchId.parse('aaaaaaaa');
      const request = { kind: 'codex', name: 'Came along', prompt: { file: 'prompt.md' } };
      folder.write((u) => enqueue(u, { id, projectDir: folder.folder, request, queuedAtMs: 5000 }));
      assert.deepEqual(kinds(), []);
      for (const problem of [null, 'crafted']) {
        folder.write((u) => setQueuedProblem(u, id, problem));
        const item = only(attentionIn(folder, { isQueuedHere: () => false }));
        assert.deepEqual(
          { kind: item.kind, name: item.action.name, title: item.title, since: item.since, facts: item.facts },
          { kind: 'workToAllow', name: 'allow', title: 'Came along', since: 5, facts: {} },
        );
      }
      assert.deepEqual(kinds(), ['dispatchNotStarted']);
    });
  });

  describe('of agents', () => {
    it('is one that was silent for too long, until it speaks', () => {
      const { id } = folder.write((u) =>
        createDispatch(u, { agentType: 'claude', projectDir: '/p', name: 'Reviewer', outputFile: '/p/out' }),
      );
      const silent = (minutes: number): AttentionItem[] => {
        const atMs = folder.kernel.clock.nowMs() - minutes * 60_000;
        return attentionIn(folder, { seen: { outputs: new Map([[id, { file: '/p/out', atMs }]]) } });
      };
      assert.deepEqual(silent(9), []);
      const item = only(silent(12));
      assert.deepEqual(
        { kind: item.kind, title: item.title, reason: item.reason, severity: item.severity },
        { kind: 'agentSilent', title: 'Reviewer', reason: 'No output for 12 minutes', severity: 'warning' },
      );
      assert.deepEqual(item.place, { kind: 'dispatch', dispatchId: id });
    });

    it('is one whose last attempts ended with the same error, or left no change', () => {
      const { subtasks, task } = folder.write((u) => planned(u, { A: [] }));
      const id = subtasks['A']?.id ?? '';
      const attempt = (error: string): void =>
        folder.write((u) => {
          const dispatch = createDispatch(u, { agentType: 'claude', projectDir: '/p', scopeId: task.runId });
          const { id: runId } = linkAgentRun(u, startAgentRun(u, { subtaskId: id }).id, dispatch.id);
          endAgentRun(u, runId, { status: 'FAILED', error });
        });
      folder.write((u) => startSubtask(u, id));
      attempt('tests fail at line 10');
      attempt('tests fail at line 12');
      const agents = (seen = {}): AttentionItem[] =>
        attentionIn(folder, { seen }).filter(({ kind }) => kind.startsWith('agent'));
      assert.deepEqual(agents(), []);
      attempt('Tests  fail at line 14');
      assert.equal(only(agents()).reason, '3 attempts ended with the same error: Tests  fail at line 14');
      attempt('it does not compile');
      assert.deepEqual(agents(), []);
      assert.equal(only(agents({ unchanged: new Set([id]) })).reason, '4 attempts changed nothing');
      folder.write((u) => placeSubtask(u, id, workplace(id)));
      folder.write((u) => completeSubtask(u, id, { pullRequest: null }));
      assert.deepEqual(agents({ unchanged: new Set([id]) }), []);
    });
  });

  it('comes with what blocks first, then the oldest, under ids that stay', () => {
    const first = aRun({ tokenBudget: 100 });
    const { id } = folder.write((u) => createDispatch(u, { agentType: 'claude', projectDir: '/p', scopeId: first.id }));
    folder.write((u) => recordProgress(u, id, { inputTokens: 90 }));
    advance(first);
    folder.kernel.clock.advance(60);
    const second = aRun();
    advance(second);
    const items = attentionIn(folder);
    assert.deepEqual(
      items.map(({ kind, place }) => [kind, 'runId' in place ? place.runId : '']),
      [
        ['gateFailed', first.id],
        ['gateFailed', second.id],
        ['budgetWarning', first.id],
      ],
    );
    const ids = items.map((item) => item.id);
    assert.equal(new Set(ids).size, 3);
    advance(first);
    assert.deepEqual(
      attentionIn(folder).map((item) => item.id),
      ids,
    );
  });
});
