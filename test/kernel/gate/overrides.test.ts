import assert from 'node:assert/strict';
import { encodeEvidence, gateRules, parseEvidence, tierForPriority } from '../../../src/kernel/gate/service';
import { skipPhase } from '../../../src/kernel/run/skip';
import { overrideGate } from '../../../src/kernel/run/override';
import { getRun, phaseEvents } from '../../../src/kernel/run/record/queries';
import { openTestKernel } from '../../support/records/kernel';
import { refuses } from '../../support/hostile/refusals';

import { runAt } from '../../support/tasks/gates';

describe('overriding a gate', () => {
  it('enters the next phase whatever the gate says, and keeps who and why', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'planned', { autoAdvance: false });
    assert.deepEqual(
      kernel.write((u) => overrideGate(u, id, { reason: 'plan is in the wiki', actor: 'ann' })),
      { fromPhase: 'planned', toPhase: 'executing', reason: 'actor=ann: plan is in the wiki', completed: false },
    );
    const event = kernel.read((r) => phaseEvents(r, id)).at(-1);
    assert.deepEqual(
      { type: event?.type, gateResult: event?.gateResult, gateTier: event?.gateTier, reason: event?.reason },
      { type: 'override', gateResult: 'fail', gateTier: 'hard', reason: 'actor=ann: plan is in the wiki' },
    );
    assert.equal(kernel.read((r) => getRun(r, id)).phase, 'executing');
  });

  it('completes the run in its last phase', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'reflect');
    assert.equal(kernel.write((u) => overrideGate(u, id, { reason: 'r' })).completed, true);
    assert.equal(kernel.read((r) => getRun(r, id)).status, 'completed');
  });

  it('enters a skipped phase by default', async () => {
    const kernel = await openTestKernel();
    const marked = (): string => {
      const id = runAt(kernel, 'brainstorm');
      kernel.write((u) => skipPhase(u, id, { phase: 'brainstorm-reviewed', reason: 'r' }));
      return id;
    };
    const [first, second] = [marked(), marked()];
    const plain = kernel.write((u) => overrideGate(u, first, { reason: 'r' })).toPhase;
    const skipping = kernel.write((u) => overrideGate(u, second, { reason: 'r', applySkips: true })).toPhase;
    assert.deepEqual({ plain, skipping }, { plain: 'brainstorm-reviewed', skipping: 'strategized' });
  });

  it('refuses a missing reason, an unknown run and a last phase', async () => {
    const kernel = await openTestKernel();
    const id = runAt(kernel, 'planned');
    refuses(kernel, 'INVALID_ARGUMENT', (u) => overrideGate(u, id, { reason: ' ' }));
    refuses(kernel, 'NOT_FOUND', (u) => overrideGate(u, 'nope', { reason: 'r' }));
    const last = runAt(kernel, 'done');
    refuses(kernel, 'PHASE_TERMINAL', (u) => overrideGate(u, last, { reason: 'r' }));
  });
});

describe('evidence', () => {
  it('is the text the original writes', () => {
    const text = encodeEvidence([
      {
        detail: 'no artifacts found for phase "a<b>&c"',
        count: 0,
        result: 'fail',
        phase: 'a<b>&c',
        check: 'artifact_exists',
      },
      { check: 'verdict_exists', result: 'pass' },
    ]);
    assert.equal(
      text,
      '{"conditions":[{"check":"artifact_exists","phase":"a\\u003cb\\u003e\\u0026c","result":"fail","count":0,"detail":"no artifacts found for phase \\"a\\u003cb\\u003e\\u0026c\\""},{"check":"verdict_exists","result":"pass"}]}',
    );
  });

  it('is read back, alone or after the words of a caller', () => {
    const conditions = [
      { check: 'artifact_exists', phase: 'a', result: 'fail', count: 0, detail: 'x "y" {"conditions":[' },
    ] as const;
    const text = encodeEvidence(conditions);
    assert.deepEqual(parseEvidence(text), conditions);
    assert.deepEqual(parseEvidence(`by hand | {"conditions":[ | ${text}`), conditions);
  });

  it('is absent from other reasons', () => {
    for (const reason of ['', 'by hand', '{"conditions":[', '{"conditions":[{"check":"new_check","result":"pass"}]}']) {
      assert.equal(parseEvidence(reason), undefined, reason);
    }
    assert.equal(encodeEvidence([]), '');
  });
});

describe('the rules listing', () => {
  it('is in the order of the default chain', () => {
    const listed = gateRules().map((row) => [row.fromPhase, row.toPhase, row.rules.map((rule) => rule.check).join()]);
    assert.deepEqual(listed, [
      ['brainstorm', 'brainstorm-reviewed', 'artifact_exists'],
      ['brainstorm-reviewed', 'strategized', 'artifact_exists'],
      ['strategized', 'planned', 'artifact_exists'],
      ['planned', 'executing', 'artifact_exists'],
      ['executing', 'review', 'agents_complete'],
      ['review', 'polish', 'verdict_exists'],
      ['reflect', 'done', 'artifact_exists'],
    ]);
  });

  it('can be of one phase', () => {
    assert.deepEqual(gateRules('reflect'), [
      { fromPhase: 'reflect', toPhase: 'done', rules: [{ check: 'artifact_exists', phase: 'reflect' }] },
    ]);
    assert.deepEqual(gateRules('polish'), []);
  });
});

describe('the tier of a priority', () => {
  it('is hard to 1, soft to 3, none from 4', () => {
    assert.deepEqual([-1, 0, 1, 2, 3, 4, 9].map(tierForPriority), [
      'hard',
      'hard',
      'hard',
      'soft',
      'soft',
      'none',
      'none',
    ]);
  });
});
