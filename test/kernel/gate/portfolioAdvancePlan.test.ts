import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KernelError } from '../../../src/kernel/errors/errors';
import { evaluate } from '../../../src/kernel/gate/facts';
import { agentsComplete } from '../../../src/kernel/gate/checks/agentsComplete';
import { upstreamsAtPhase } from '../../../src/kernel/gate/checks/upstreamsAtPhase';
import { planChildren, type Judge, type PlannedChild } from '../../../src/kernel/gate/advancePlan';
import { kahnOrder } from '../../../src/kernel/portfolio/graph';
import type { DependencyEdge } from '../../../src/kernel/portfolio/model';
import type { Run, RunStatus } from '../../../src/kernel/run/record/model';
import { createRun } from '../../../src/kernel/run/record/runs';
import { openTestKernel } from '../../support/records/kernel';

const CHAIN = ['plan', 'build', 'ship', 'done'];

describe('planning the advance of a portfolio’s children', () => {
  let template: Run;
  before(async () => {
    const kernel = await openTestKernel();
    template = kernel.write((u) => createRun(u, { projectDir: '/x', goal: 'g', phases: CHAIN }));
  });

  const child = (
    projectDir: string,
    phase: string,
    more: Partial<PlannedChild> & { status?: RunStatus } = {},
  ): PlannedChild => {
    const { status = 'active', ...rest } = more;
    return { run: { ...template, projectDir, phase, status }, projectDir, skipped: new Set(), ...rest };
  };
  const after = (upstream: string, downstream: string): DependencyEdge => ({ upstream, downstream });

  /** The one gate that matters here. */
  const upstreamGate: Judge<PlannedChild> = (_child, _run, phase, upstreams) =>
    evaluate([{ check: 'upstreams_at_phase', phase, ...upstreamsAtPhase.judge(upstreams, phase) }], 'hard');

  it('lets each child be judged as if those before it had moved', () => {
    const children = [child('/a', 'plan'), child('/b', 'plan'), child('/c', 'plan')];
    const edges = [after('/a', '/b'), after('/b', '/c')];
    const { steps, states } = planChildren(children, edges, 'build', upstreamGate);
    assert.deepEqual(
      steps.map(({ kind, run, toPhase }) => [kind, run.phase, toPhase]),
      Array(3).fill(['advance', 'plan', 'build']),
    );
    assert.deepEqual(
      states.map(({ phase }) => phase),
      ['build', 'build', 'build'],
    );
  });

  it('stops what waits for a child that is held', () => {
    const children = [
      child('/a', 'plan', { run: { ...template, phase: 'plan', autoAdvance: false } }),
      child('/b', 'plan'),
    ];
    const { steps } = planChildren(children, [after('/a', '/b')], 'build', upstreamGate);
    assert.deepEqual(
      steps.map(({ kind }) => kind),
      ['paused', 'blocked'],
    );
    assert.deepEqual(
      steps[1]?.conditions[0]?.behind?.map(({ project, phase }) => [project, phase]),
      [['/a', 'plan']],
    );
  });

  it('goes several phases where a child is far behind, and as far as its gates let it', () => {
    const children = [child('/a', 'build'), child('/b', 'plan')];
    const far = planChildren(children, [], 'ship', upstreamGate);
    assert.deepEqual(
      far.steps.map(({ toPhase }) => toPhase),
      ['ship', 'ship'],
    );
    const heldAtShip: Judge<PlannedChild> = (_child, run) =>
      evaluate([{ check: 'agents_complete', ...agentsComplete.judge(run.phase === 'build' ? 1 : 0, '') }], 'hard');
    const held = planChildren(children, [], 'ship', heldAtShip);
    assert.deepEqual(
      held.steps.map(({ kind, toPhase }) => [kind, toPhase]),
      [
        ['blocked', 'ship'],
        ['advance', 'build'],
      ],
    );
    assert.deepEqual(
      held.steps[1]?.conditions.map(({ result }) => result),
      ['pass', 'fail'],
    );
  });

  it('passes over skipped phases and completes a child in its last one', () => {
    const { steps, states } = planChildren(
      [child('/a', 'plan', { skipped: new Set(['build', 'ship']) })],
      [],
      'build',
      upstreamGate,
    );
    assert.deepEqual(
      { toPhase: steps[0]?.toPhase, status: states[0]?.status },
      { toPhase: 'done', status: 'completed' },
    );
  });

  it('leaves alone what has ended, is there, lacks the phase, or cannot be read', () => {
    const problem = new KernelError('DATABASE_MISSING', { path: '/x' });
    const children = [
      child('/a', 'plan', { status: 'cancelled', problem }),
      child('/b', 'ship'),
      child('/c', 'one', { run: { ...template, phase: 'one', phases: ['one', 'two'] } }),
      child('/d', 'plan', { problem }),
      child('/e', 'nowhere'),
    ];
    const { steps, states } = planChildren(children, [], 'build', () => assert.fail('no gate must be evaluated'));
    assert.deepEqual(
      steps.map(({ kind, problem: why }) => [kind, why?.code]),
      [
        ['ended', undefined],
        ['there', undefined],
        ['there', undefined],
        ['unreadable', 'DATABASE_MISSING'],
        ['unreadable', 'PHASE_NOT_IN_CHAIN'],
      ],
    );
    assert.equal(states[3]?.problem, problem.message);
  });

  it('moves every child of every acyclic portfolio, and none before its upstreams', () => {
    const edgesOf = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 20 });
    fc.assert(
      fc.property(edgesOf, fc.array(fc.constantFrom(...CHAIN), { minLength: 8, maxLength: 8 }), (pairs, phases) => {
        const edges = pairs.filter(([a, b]) => a < b).map(([a, b]) => after(`/${a}`, `/${b}`));
        const order = kahnOrder(edges);
        const rest = phases.map((_, index) => `/${index}`).filter((project) => !order.includes(project));
        const children = [...order, ...rest].map((project) => child(project, phases[Number(project.slice(1))] ?? ''));
        const { steps, states } = planChildren(children, edges, 'ship', upstreamGate);
        assert.ok(steps.every(({ kind }) => kind === 'advance' || kind === 'there'));
        assert.ok(states.every(({ phase }) => CHAIN.indexOf(phase) >= 2));
      }),
    );
  });
});
