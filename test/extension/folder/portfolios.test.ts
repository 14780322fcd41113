/** A window on one folder has no portfolios of its own (`docs/design/portfolios.md`). */
import assert from 'node:assert/strict';
import { call, openFolder, refuses, withDatabase } from '../../support/extension/window';

describe('a window on one folder', () => {
  const folder = openFolder();

  it('says that it has no portfolios', async () => {
    const api = await withDatabase(folder);
    await refuses('NO_PORTFOLIO_HOME', api.portfolios.create({ goal: 'Everywhere', folders: [folder, '/elsewhere'] }));
    await refuses('NO_PORTFOLIO_HOME', api.portfolios.list({}));
    await refuses('NO_PORTFOLIO_HOME', call('intercore.portfolio.create', {}));
    await refuses('NO_PORTFOLIO_HOME', call('intercore.portfolio.show', {}));
    await refuses('INVALID_ARGUMENT', api.portfolios.create({ goal: 'Everywhere', folders: [folder] }));
    assert.equal((await api.runs.list({ folder })).runs.filter(({ goal }) => goal === 'Everywhere').length, 0);
  });
});
