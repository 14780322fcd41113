import assert from 'node:assert/strict';
import { KernelError } from '../../../src/kernel/errors/errors';
import { checkGate, parseEvidence, upstreamRuns } from '../../../src/kernel/gate/service';
import { runId } from '../../../src/kernel/ids';
import { advanceRun } from '../../../src/kernel/run/advance';
import { createRun } from '../../../src/kernel/run/record/runs';
import { openTestKernel, type TestKernel } from '../../support/records/kernel';
import { CHAIN, depend, dependOnStranger, make, put } from '../../support/portfolio/portfolios';

describe('the gates of a portfolio', () => {
  function condition(kernel: TestKernel, id: string): unknown {
    return kernel.read((r) => checkGate(r, id, { tier: 'hard' })).conditions.at(-1);
  }

  it('holds the parent until every living child has got there', async () => {
    const kernel = await openTestKernel();
    const { portfolio, child } = make(kernel, ['/a', '/b', '/c']);
    const at = (project: string, phase: string, status = 'active') => ({ project, phase, status });
    const behind = (...projects: readonly ReturnType<typeof at>[]) => ({
      check: 'children_at_phase',
      phase: 'b',
      result: 'fail',
      count: projects.length,
      detail: `${projects.length} children behind phase "b"`,
      behind: projects,
    });
    assert.deepEqual(condition(kernel, portfolio), behind(at('/a', 'a'), at('/b', 'a'), at('/c', 'a')));
    put(kernel, child('/a'), 'b');
    put(kernel, child('/b'), 'a', 'cancelled');
    put(kernel, child('/c'), 'a', 'failed');
    assert.deepEqual(condition(kernel, portfolio), behind(at('/c', 'a', 'failed')));
    const blocked = kernel.write((u) => advanceRun(u, portfolio, { tier: 'hard' }));
    assert.equal(blocked.eventType, 'block');
    assert.equal(
      blocked.reason,
      '{"conditions":[{"check":"children_at_phase","phase":"b","result":"fail","count":1,' +
        '"detail":"1 children behind phase \\"b\\"","behind":[{"project":"/c","phase":"a","status":"failed"}]}]}',
    );
    assert.deepEqual(parseEvidence(blocked.reason), blocked.conditions);
    put(kernel, child('/c'), 'nowhere');
    assert.deepEqual(condition(kernel, portfolio), behind(at('/c', 'nowhere')));
    put(kernel, child('/c'), 'c');
    const pass = { check: 'children_at_phase', phase: 'b', result: 'pass', count: 0 };
    assert.deepEqual(condition(kernel, portfolio), pass);
    kernel.exec(`UPDATE runs SET phases = '["x","y"]', phase = 'x' WHERE id = '${child('/c')}'`);
    assert.deepEqual(condition(kernel, portfolio), pass);
  });

  it('holds a child until its upstream projects have got there, named in order', async () => {
    const kernel = await openTestKernel();
    const { portfolio, child } = make(kernel, ['/c', '/b', '/a']);
    assert.deepEqual(condition(kernel, child('/c')), {
      check: 'upstreams_at_phase',
      phase: 'b',
      result: 'pass',
      detail: 'no upstream dependencies',
    });
    depend(kernel, portfolio, ['/b', '/c'], ['/a', '/c']);
    dependOnStranger(kernel, portfolio, '/gone', '/c');
    assert.deepEqual(condition(kernel, child('/c')), {
      check: 'upstreams_at_phase',
      phase: 'b',
      result: 'fail',
      count: 2,
      detail: 'upstreams behind phase "b": [/a at a /b at a]',
      behind: ['/a', '/b'].map((project) => ({ project, phase: 'a', status: 'active' })),
    });
    put(kernel, child('/a'), 'a', 'failed');
    put(kernel, child('/b'), 'b');
    const pass = { check: 'upstreams_at_phase', phase: 'b', result: 'pass', count: 0 };
    assert.deepEqual(condition(kernel, child('/c')), pass);
  });

  describe('of children whose own database cannot be read', () => {
    const unreadable = (...ids: readonly string[]) =>
      new Map(ids.map((id) => [runId.parse(id), new KernelError('DATABASE_MISSING', { path: '/gone' })]));
    const problem = new KernelError('DATABASE_MISSING', { path: '/gone' }).message;

    it('hold the parent, with those that are behind and why', async () => {
      const kernel = await openTestKernel();
      const { portfolio, child } = make(kernel, ['/a', '/b', '/c']);
      put(kernel, child('/a'), 'b');
      put(kernel, child('/c'), 'c');
      const options = { tier: 'hard', unreadable: unreadable(child('/a')) } as const;
      assert.deepEqual(kernel.read((r) => checkGate(r, portfolio, options)).conditions.at(-1), {
        check: 'children_at_phase',
        phase: 'b',
        result: 'fail',
        count: 2,
        detail: `1 children behind phase "b"; 1 cannot be read: [/a: ${problem}]`,
        behind: [
          { project: '/a', phase: 'b', status: 'active', problem },
          { project: '/b', phase: 'a', status: 'active' },
        ],
      });
      const blocked = kernel.write((u) => advanceRun(u, portfolio, options));
      assert.equal(blocked.eventType, 'block');
      assert.deepEqual(parseEvidence(blocked.reason), blocked.conditions);
    });

    it('block no project where they have ended, or their chain lacks the phase', async () => {
      const kernel = await openTestKernel();
      const { portfolio, child } = make(kernel, ['/a', '/b', '/c']);
      put(kernel, child('/a'), 'a', 'completed');
      put(kernel, child('/b'), 'a', 'cancelled');
      kernel.exec(`UPDATE runs SET phases = '["x","y"]', phase = 'x' WHERE id = '${child('/c')}'`);
      const options = { tier: 'hard', unreadable: unreadable(child('/a'), child('/b'), child('/c')) } as const;
      assert.equal(kernel.read((r) => checkGate(r, portfolio, options)).result, 'pass');
    });

    it('hold a child that waits for them', async () => {
      const kernel = await openTestKernel();
      const { portfolio, child } = make(kernel, ['/a', '/b', '/c']);
      depend(kernel, portfolio, ['/a', '/c'], ['/b', '/c']);
      put(kernel, child('/a'), 'c');
      put(kernel, child('/b'), 'a', 'failed');
      const judge = (...ids: readonly string[]) =>
        kernel.read((r) => checkGate(r, child('/c'), { tier: 'hard', unreadable: unreadable(...ids) }));
      assert.equal(judge(child('/b')).result, 'pass');
      const { result, conditions } = judge(child('/a'));
      assert.equal(result, 'fail');
      assert.equal(conditions.at(-1)?.detail, `1 cannot be read: [/a: ${problem}]`);
    });
  });

  it('takes the earliest of several runs in one project', async () => {
    const kernel = await openTestKernel();
    const { portfolio, child } = make(kernel, ['/a', '/a', '/b']);
    depend(kernel, portfolio, ['/a', '/b']);
    put(kernel, child('/a'), 'b');
    assert.equal(kernel.read((r) => checkGate(r, child('/b'), { tier: 'hard' })).result, 'pass');
  });

  it('fails where the portfolio is elsewhere and was not read, and accepts what the caller read', async () => {
    const home = await openTestKernel();
    const { portfolio, child } = make(home, ['/a', '/b']);
    depend(home, portfolio, ['/a', '/b']);
    const project = await openTestKernel();
    const id = child('/b');
    const copy = { id, projectDir: '/b', goal: 'g', phases: CHAIN, parentRunId: portfolio };
    project.write((u) => createRun(u, copy));
    assert.deepEqual(condition(project, id), {
      check: 'upstreams_at_phase',
      phase: 'b',
      result: 'fail',
      detail: `portfolio ${portfolio} is not in this database`,
    });
    const states = home.read((r) => upstreamRuns(r, portfolio, '/b'));
    const known = { kind: 'known', states } as const;
    assert.equal(
      project.write((u) => advanceRun(u, id, { tier: 'hard', upstreams: known })).reason,
      '{"conditions":[{"check":"upstreams_at_phase","phase":"b","result":"fail","count":1,"detail":"upstreams behind phase \\"b\\": [/a at a]"}]}',
    );
    const unreadable = { kind: 'unreadable', problem: 'portfolio.db is damaged' } as const;
    assert.equal(
      project.write((u) => advanceRun(u, id, { tier: 'hard', upstreams: unreadable })).conditions[0]?.detail,
      'portfolio.db is damaged',
    );
  });
});
