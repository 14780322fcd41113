/** The notices name each package that ships, as it ships now. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { notices, NOTICES, shippedPackages } from '../../../scripts/notices';
import { inProject } from '../../../tools/project';

describe('the third-party notices', function () {
  this.timeout(120_000);
  let packages: readonly string[];
  before(async () => {
    packages = await shippedPackages();
  });

  it('are what the bundles make of them (`npm run docs` writes them)', async () => {
    assert.equal(await readFile(inProject(NOTICES), 'utf8'), notices(packages));
  });

  it('name the packages that are imported late, that pages use, and SQLite', () => {
    for (const name of ['simple-git', '@octokit/request', 'preact', 'micromark', 'sql.js', 'zod']) {
      assert.ok(packages.includes(`node_modules/${name}`), name);
    }
    assert.ok(!packages.some((name) => /typescript|mocha|esbuild|fast-check|playwright/.test(name)));
  });
});
