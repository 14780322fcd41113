/** What evidence keeps of a condition: the keys of the original, and one of our own for children. */
import assert from 'node:assert/strict';
import { parseEvidence, encodeEvidence } from '../../../src/kernel/gate/service';
import type { GateConditionResult, ProjectBehind } from '../../../src/kernel/gate/model';

const BEHIND: readonly ProjectBehind[] = [
  { project: '/shop', phase: 'planned', status: 'active' },
  { project: '/web', phase: '', status: 'failed', problem: 'locked' },
];
const stored = (condition: GateConditionResult): unknown => parseEvidence(encodeEvidence([condition]))?.[0];

describe('stored evidence', () => {
  it('has no key for an empty phase or an empty detail', () => {
    const found = { check: 'agents_complete', result: 'pass' } as const;
    assert.deepEqual(stored({ ...found, phase: '', detail: '' }), found);
    assert.deepEqual(stored(found), found);
    assert.deepEqual(stored({ ...found, phase: 'a', detail: 'b', count: 0 }), {
      ...found,
      phase: 'a',
      detail: 'b',
      count: 0,
    });
  });

  it('names children that are behind, and no upstream projects, which its text names', () => {
    const found = { check: 'children_at_phase', result: 'fail', behind: BEHIND } as const;
    assert.deepEqual(stored(found), found);
    const upstreams = { check: 'upstreams_at_phase', result: 'fail' } as const;
    assert.deepEqual(stored({ ...upstreams, behind: BEHIND }), upstreams);
  });

  it('is found behind the words of a caller, and not where other programs wrote something else', () => {
    const text = encodeEvidence([{ check: 'agents_complete', result: 'pass' }]);
    assert.equal(parseEvidence(`by hand: ${text}`)?.length, 1);
    const others = [
      '',
      'by hand',
      '[]',
      `${text}}`,
      text.replace('pass', 'maybe'),
      text.replace('agents_complete', 'x'),
    ];
    for (const other of others) assert.equal(parseEvidence(other), undefined, other);
  });
});
