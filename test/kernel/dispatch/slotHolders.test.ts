import assert from 'node:assert/strict';
import { holdersText, refuseBeyond } from '../../../src/kernel/dispatch/limit';
import { KernelError } from '../../../src/kernel/errors/errors';

describe('who holds the slots of a portfolio', () => {
  it('is named by folder, and only those that hold any are listed', () => {
    const holders = [
      { projectDir: '/code/parcel-api', active: 1 },
      { projectDir: '/code/parcel-docs', active: 0 },
      { projectDir: 'C:\\work\\parcel-web\\', active: 2 },
    ];
    assert.equal(holdersText(holders), 'parcel-api 1, parcel-web 2');
  });

  it('is named by whole path where two folders have one name, and once where a project has two children', () => {
    const holders = [
      { projectDir: '/a/api', active: 1 },
      { projectDir: '/b/api', active: 1 },
      { projectDir: '/b/web', active: 1 },
      { projectDir: '/b/web', active: 2 },
    ];
    assert.equal(holdersText(holders), '/a/api 1, /b/api 1, web 3');
  });

  it('is in the refusal, which comes exactly when the limit is reached', () => {
    const holders = [{ projectDir: '/code/parcel-api', active: 2 }];
    refuseBeyond({ portfolioId: 'p', limit: 3 }, holders);
    refuseBeyond({ portfolioId: 'p', limit: 0 }, holders);
    assert.throws(
      () => refuseBeyond({ portfolioId: 'p', limit: 2 }, holders),
      (error) =>
        KernelError.is(error, 'DISPATCH_LIMIT') &&
        error.facts.active === 2 &&
        error.message === 'Portfolio p has 2 active dispatches (parcel-api 2) and allows 2.',
    );
  });
});
