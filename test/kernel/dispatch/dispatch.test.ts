import assert from 'node:assert/strict';
import {
  activeDispatches,
  countActive,
  dispatchEvents,
  dispatchProcess,
  findDispatch,
  getDispatch,
  listDispatches,
  pruneDispatches,
  recordProgress,
  setTokens,
} from '../../../src/kernel/dispatch/service';
import { dispatchVerbs, PROCESS } from '../../support/dispatch/dispatches';
import { openTestKernel, TEST_START_SEC, type TestKernel } from '../../support/records/kernel';

describe('dispatches', () => {
  let kernel: TestKernel;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const { create, run, end, newRun, refuses } = dispatchVerbs(() => kernel);

  it('start as spawned with what was asked, and defaults for the rest', () => {
    const { id } = create({ name: 'planner', model: 'm', promptFile: 'p.md', timeoutSec: 60, parentId: 'x' });
    assert.deepEqual(
      kernel.read((r) => getDispatch(r, id)),
      {
        id,
        agentType: 'claude',
        status: 'spawned',
        projectDir: '/p',
        promptFile: 'p.md',
        promptHash: null,
        outputFile: null,
        verdictFile: null,
        pid: null,
        exitCode: null,
        name: 'planner',
        model: 'm',
        sandbox: 'workspace-write',
        timeoutSec: 60,
        turns: 0,
        commands: 0,
        messages: 0,
        inputTokens: 0,
        outputTokens: 0,
        cacheHits: null,
        createdAt: TEST_START_SEC,
        startedAt: null,
        completedAt: null,
        verdictStatus: null,
        verdictSummary: null,
        errorMessage: null,
        scopeId: null,
        parentId: 'x',
      },
    );
    assert.deepEqual([...(kernel.touched?.dispatches ?? [])], [id]);
  });

  it('keep the facts of their process once it runs', () => {
    const { id } = create();
    assert.equal(
      kernel.read((r) => dispatchProcess(r, id)),
      undefined,
    );
    kernel.clock.advance(2);
    const running = run(id);
    assert.equal(running.status, 'running');
    assert.equal(running.pid, 4242);
    assert.equal(running.startedAt, TEST_START_SEC + 2);
    const { pid, ...facts } = PROCESS;
    assert.equal(pid, running.pid);
    assert.deepEqual(
      kernel.read((r) => dispatchProcess(r, id)),
      {
        dispatchId: id,
        ...facts,
        sessionId: null,
        costUsd: null,
        account: null,
        permissions: null,
        byDefault: null,
        failure: null,
        failureResetsAt: null,
      },
    );
  });

  it('keep the ending: exit code, verdict, tokens and error', () => {
    const { id } = create();
    run(id);
    kernel.clock.advance(5);
    const ended = end(id, {
      status: 'failed',
      exitCode: 2,
      verdictStatus: 'fail',
      verdictSummary: '',
      errorMessage: 'no tests',
      progress: { turns: 3, inputTokens: 10, outputTokens: 20, cacheHits: 0, sessionId: 's', costUsd: 0.5 },
    });
    assert.equal(ended.status, 'failed');
    assert.equal(ended.completedAt, TEST_START_SEC + 5);
    assert.deepEqual(
      {
        exitCode: ended.exitCode,
        verdictStatus: ended.verdictStatus,
        verdictSummary: ended.verdictSummary,
        errorMessage: ended.errorMessage,
        turns: ended.turns,
      },
      { exitCode: 2, verdictStatus: 'fail', verdictSummary: '', errorMessage: 'no tests', turns: 3 },
    );
    assert.deepEqual(
      { inputTokens: ended.inputTokens, outputTokens: ended.outputTokens, cacheHits: ended.cacheHits },
      { inputTokens: 10, outputTokens: 20, cacheHits: 0 },
    );
    const process = kernel.read((r) => dispatchProcess(r, id));
    assert.deepEqual({ sessionId: process?.sessionId, costUsd: process?.costUsd }, { sessionId: 's', costUsd: 0.5 });
  });

  it('keep their first ending for good', () => {
    const { id } = create();
    end(id, { status: 'cancelled', errorMessage: 'killed by user' });
    refuses(() => end(id, { status: 'completed', exitCode: 0 }), 'DISPATCH_FINISHED');
    refuses(() => run(id), 'DISPATCH_FINISHED');
    assert.equal(
      kernel.write((u) => recordProgress(u, id, { turns: 9 })),
      false,
    );
    assert.equal(kernel.read((r) => getDispatch(r, id)).turns, 0);
  });

  it('cannot be started twice', () => {
    const { id } = create();
    run(id);
    refuses(() => run(id, { pid: 7 }), 'STALE');
  });

  describe('events', () => {
    it('tell each change of status, with its reason, and belong to the run of the scope', () => {
      const runId = newRun();
      const { id } = create({ scopeId: runId });
      run(id);
      kernel.clock.advance(1);
      end(id, { status: 'timeout', errorMessage: 'too slow' });
      assert.deepEqual([...(kernel.touched?.runs ?? [])], [runId]);
      const events = kernel.read((r) => dispatchEvents(r, id));
      const common = { dispatchId: id, runId, type: 'status_change' };
      assert.deepEqual(events, [
        { ...common, id: 1, fromStatus: 'spawned', toStatus: 'running', reason: null, createdAt: TEST_START_SEC },
        {
          ...common,
          id: 2,
          fromStatus: 'running',
          toStatus: 'timeout',
          reason: 'too slow',
          createdAt: TEST_START_SEC + 1,
        },
      ]);
    });

    it('belong to no run where the scope is none of this database', () => {
      const { id } = create({ scopeId: 'elsewhere' });
      run(id);
      assert.equal(kernel.read((r) => dispatchEvents(r, id))[0]?.runId, null);
      assert.equal(kernel.touched?.runs.size, 0);
    });

    it('come and go with the change they record', () => {
      const { id } = create();
      kernel.exec(`CREATE TRIGGER no_events BEFORE INSERT ON dispatch_events BEGIN SELECT RAISE(ABORT, 'full'); END`);
      refuses(() => run(id), 'SQL_FAILED');
      assert.equal(kernel.read((r) => getDispatch(r, id)).status, 'spawned');
    });
  });

  describe('figures', () => {
    it('are absolute, and absent ones stay', () => {
      const { id } = create();
      const progress = (figures: Parameters<typeof recordProgress>[2]): boolean =>
        kernel.write((u) => recordProgress(u, id, figures));
      assert.equal(progress({ turns: 2, inputTokens: 5 }), true);
      progress({ turns: 1, commands: 4, messages: 3 });
      const stored = kernel.read((r) => getDispatch(r, id));
      assert.deepEqual(
        {
          turns: stored.turns,
          commands: stored.commands,
          messages: stored.messages,
          inputTokens: stored.inputTokens,
          outputTokens: stored.outputTokens,
        },
        { turns: 1, commands: 4, messages: 3, inputTokens: 5, outputTokens: 0 },
      );
    });

    it('leave unknown cache hits unknown', () => {
      const { id } = create();
      kernel.write((u) => setTokens(u, id, { inputTokens: 1, outputTokens: 2 }));
      assert.equal(kernel.read((r) => getDispatch(r, id)).cacheHits, null);
      kernel.write((u) => setTokens(u, id, { cacheHits: 0 }));
      const { inputTokens, outputTokens, cacheHits } = kernel.read((r) => getDispatch(r, id));
      assert.deepEqual({ inputTokens, outputTokens, cacheHits }, { inputTokens: 1, outputTokens: 2, cacheHits: 0 });
    });

    it('of tokens may be set after the end too', () => {
      const { id } = create();
      end(id, { status: 'completed' });
      assert.equal(kernel.write((u) => setTokens(u, id, { outputTokens: 7 })).outputTokens, 7);
    });
  });

  describe('lists', () => {
    it('come newest first and are filtered by status, activity and scope', () => {
      const a = create({ scopeId: 's' }).id;
      kernel.clock.advance(1);
      const b = create({ scopeId: 's' }).id;
      kernel.clock.advance(1);
      const c = create().id;
      end(b, { status: 'failed' });
      const ids = (filter?: Parameters<typeof listDispatches>[1]): string[] =>
        kernel.read((r) => listDispatches(r, filter)).dispatches.map((d) => d.id);
      assert.deepEqual(ids(), [c, b, a]);
      assert.deepEqual(ids({ active: true }), [c, a]);
      assert.deepEqual(ids({ active: false }), [b]);
      assert.deepEqual(ids({ scopeId: 's' }), [b, a]);
      assert.deepEqual(ids({ scopeId: 's', active: true }), [a]);
      assert.deepEqual(ids({ status: 'failed' }), [b]);
      assert.deepEqual(
        kernel.read(activeDispatches).map((d) => d.id),
        [c, a],
      );
      assert.deepEqual([kernel.read((r) => countActive(r)), kernel.read((r) => countActive(r, 's'))], [2, 1]);
    });

    it('show rows that cannot be read beside the others', () => {
      const { id } = create();
      kernel.exec(
        `INSERT INTO dispatches (id, project_dir, status) VALUES ('odd', '/p', 'hovering'), ('odder', X'00', 'failed')`,
      );
      const { dispatches, invalid } = kernel.read((r) => listDispatches(r));
      assert.deepEqual(
        dispatches.map((d) => d.id),
        [id],
      );
      assert.deepEqual(
        invalid.map((row) => [row.id, row.column]),
        [
          ['odder', 'project_dir'],
          ['odd', 'status'],
        ],
      );
      refuses(() => kernel.read((r) => getDispatch(r, 'odd')), 'ROW_INVALID');
    });

    it('read NULL counters of other programs as 0 and NULL cache hits as unknown', () => {
      kernel.exec(`INSERT INTO dispatches (id, project_dir, turns, input_tokens) VALUES ('old', '/p', NULL, NULL)`);
      const old = kernel.read((r) => getDispatch(r, 'old'));
      assert.deepEqual(
        { turns: old.turns, inputTokens: old.inputTokens, cacheHits: old.cacheHits },
        { turns: 0, inputTokens: 0, cacheHits: null },
      );
    });
  });

  it('are pruned by age once they have ended, and leave their events', () => {
    const ended = create().id;
    run(ended);
    end(ended, { status: 'completed' });
    const active = create().id;
    kernel.clock.advance(100);
    const young = create().id;
    end(young, { status: 'failed' });
    assert.equal(
      kernel.write((u) => pruneDispatches(u, 100)),
      0,
    );
    assert.equal(
      kernel.write((u) => pruneDispatches(u, 99)),
      1,
    );
    assert.deepEqual([...(kernel.touched?.dispatches ?? [])], [ended]);
    assert.equal(
      kernel.read((r) => findDispatch(r, ended)),
      undefined,
    );
    assert.equal(
      kernel.read((r) => dispatchProcess(r, ended)),
      undefined,
    );
    assert.equal(kernel.read((r) => dispatchEvents(r, ended)).length, 2);
    for (const id of [active, young]) assert.ok(kernel.read((r) => findDispatch(r, id)));
  });
});
