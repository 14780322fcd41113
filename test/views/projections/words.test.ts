import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Words } from '../../../src/views/projections/words';
import { ENGLISH } from '../../support/records/viewFixture';

describe('words for what records hold', () => {
  const words = new Words(ENGLISH);

  it('name the types of events and the results of gates', () => {
    assert.equal(words.event('status_change'), 'status change');
    assert.equal(words.gateResult('pass'), 'pass');
  });

  it('keep a name of another program, also one that every object has', () => {
    for (const name of ['of-another-program', 'constructor', 'toString', '__proto__', '']) {
      assert.equal(words.event(name), name);
      assert.equal(words.gateResult(name), name);
    }
  });
});
