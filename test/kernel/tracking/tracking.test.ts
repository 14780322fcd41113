import assert from 'node:assert/strict';
import { createRun } from '../../../src/kernel/run/record/runs';
import type { AddAgentInput, AddArtifactInput, AgentStatus } from '../../../src/kernel/tracking/model';
import {
  addAgent,
  addArtifact,
  linkAgent,
  listAgents,
  listArtifacts,
  updateAgent,
} from '../../../src/kernel/tracking/service';
import { dumpDatabase, openTestKernel, TEST_START_SEC, type TestKernel } from '../../support/records/kernel';

describe('what a run gathers', () => {
  let kernel: TestKernel;
  let runId: string;

  beforeEach(async () => {
    kernel = await openTestKernel();
    runId = kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g' })).id;
  });

  const touchedRuns = (): string[] => [...(kernel.touched?.runs ?? [])];

  const refuses = (work: () => unknown, code: string): void => {
    const before = dumpDatabase(kernel.kernel);
    assert.throws(work, { code });
    assert.deepEqual(dumpDatabase(kernel.kernel), before);
  };

  describe('agents', () => {
    const add = (input: Partial<AddAgentInput> = {}) => kernel.write((u) => addAgent(u, { runId, ...input }));
    const update = (id: string, status: AgentStatus) => kernel.write((u) => updateAgent(u, id, status));

    it('are active claude agents unless said otherwise', () => {
      const agent = add();
      assert.deepEqual(agent, {
        id: agent.id,
        runId,
        agentType: 'claude',
        name: null,
        status: 'active',
        dispatchId: null,
        createdAt: TEST_START_SEC,
        updatedAt: TEST_START_SEC,
      });
      assert.deepEqual(touchedRuns(), [runId]);
      const other = add({ agentType: 'codex', name: 'planner', dispatchId: 'of-another-database' });
      assert.deepEqual(
        { agentType: other.agentType, name: other.name, dispatchId: other.dispatchId },
        { agentType: 'codex', name: 'planner', dispatchId: 'of-another-database' },
      );
    });

    it('are listed oldest first, of one run', () => {
      const ids = ['x', 'y', 'z'].map((name) => {
        kernel.clock.advance(name === 'z' ? 1 : 0);
        return add({ name }).id;
      });
      assert.deepEqual(
        kernel.read((r) => listAgents(r, runId)).map((a) => a.id),
        ids,
      );
      assert.deepEqual(
        kernel.read((r) => listAgents(r, 'unknown')),
        [],
      );
    });

    it('may go from any status to any', () => {
      const { id } = add();
      kernel.clock.advance(3);
      for (const status of ['failed', 'active', 'completed', 'completed', 'failed'] as const) {
        const agent = update(id, status);
        assert.deepEqual(
          { status: agent.status, updatedAt: agent.updatedAt },
          { status, updatedAt: TEST_START_SEC + 3 },
        );
        assert.deepEqual(touchedRuns(), [runId]);
      }
    });

    it('are tied to a dispatch once', () => {
      const { id } = add();
      assert.equal(kernel.write((u) => linkAgent(u, id, 'd1')).dispatchId, 'd1');
      refuses(() => kernel.write((u) => linkAgent(u, id, 'd2')), 'AGENT_LINKED');
      const linked = add({ dispatchId: 'd3' });
      refuses(() => kernel.write((u) => linkAgent(u, linked.id, 'd3')), 'AGENT_LINKED');
    });

    it('refuse what does not fit', () => {
      const { id } = add();
      refuses(() => add({ runId: 'unknown' }), 'NOT_FOUND');
      refuses(() => update('unknown', 'failed'), 'NOT_FOUND');
      refuses(() => kernel.write((u) => linkAgent(u, 'unknown', 'd')), 'NOT_FOUND');
      refuses(() => update(id, 'idle' as AgentStatus), 'INVALID_ARGUMENT');
      refuses(() => kernel.write((u) => linkAgent(u, id, '')), 'INVALID_ARGUMENT');
      refuses(() => add({ name: 'x'.repeat(201) }), 'INVALID_ARGUMENT');
      refuses(() => add({ name: '' }), 'INVALID_ARGUMENT');
      refuses(() => add({ agentType: 'a\0' }), 'INVALID_ARGUMENT');
    });
  });

  describe('artifacts', () => {
    const add = (input: Partial<AddArtifactInput> = {}) =>
      kernel.write((u) => addArtifact(u, { runId, phase: 'planned', path: 'docs/plan.md', ...input }));

    it('are active files unless said otherwise', () => {
      const artifact = add();
      assert.deepEqual(artifact, {
        id: artifact.id,
        runId,
        phase: 'planned',
        path: 'docs/plan.md',
        type: 'file',
        contentHash: null,
        dispatchId: null,
        status: 'active',
        createdAt: TEST_START_SEC,
      });
      assert.deepEqual(touchedRuns(), [runId]);
      const contentHash = `sha256:${'0a'.repeat(32)}`;
      const other = add({ type: 'plan', contentHash, dispatchId: 'd', phase: 'not in the chain' });
      assert.deepEqual(
        { type: other.type, contentHash: other.contentHash, dispatchId: other.dispatchId, phase: other.phase },
        { type: 'plan', contentHash, dispatchId: 'd', phase: 'not in the chain' },
      );
    });

    it('are listed oldest first, of one run, of one phase, rolled back ones too', () => {
      const a = add().id;
      const b = add({ phase: 'review' }).id;
      const c = add().id;
      kernel.exec(`UPDATE run_artifacts SET status = 'rolled_back' WHERE id = '${c}'`);
      const ids = (of: string, phase?: string) => kernel.read((r) => listArtifacts(r, of, phase)).map((x) => x.id);
      assert.deepEqual(ids(runId), [a, b, c]);
      assert.deepEqual(ids(runId, 'planned'), [a, c]);
      assert.deepEqual(ids(runId, ''), []);
      assert.deepEqual(ids('unknown'), []);
    });

    it('refuse what does not fit', () => {
      refuses(() => add({ runId: 'unknown' }), 'NOT_FOUND');
      refuses(() => add({ runId: '' }), 'INVALID_ARGUMENT');
      refuses(() => add({ phase: '' }), 'INVALID_ARGUMENT');
      refuses(() => add({ path: '' }), 'INVALID_ARGUMENT');
      refuses(() => add({ path: 'x'.repeat(4097) }), 'INVALID_ARGUMENT');
      refuses(() => add({ path: 'a\0b' }), 'INVALID_ARGUMENT');
      refuses(() => add({ contentHash: 'sha256:abc' }), 'INVALID_ARGUMENT');
    });
  });

  it('is kept for runs that have ended', () => {
    kernel.exec(`UPDATE runs SET status = 'completed' WHERE id = '${runId}'`);
    kernel.write((u) => addAgent(u, { runId }));
    kernel.write((u) => addArtifact(u, { runId, phase: 'done', path: 'x' }));
    assert.equal(
      kernel.read((r) => listAgents(r, runId)).length + kernel.read((r) => listArtifacts(r, runId)).length,
      2,
    );
  });
});
