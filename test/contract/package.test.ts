/** What ships: nothing but what runs, what is shown and what must be read (docs/conventions-checklist.md, row 60). */
import assert from 'node:assert/strict';
import { listFiles } from '@vscode/vsce';
import { inProject } from '../support/vscode/project';

const SHIPPED = [
  /^(package(\.nls)?\.json|README\.md|CHANGELOG\.md|LICENSE)$/,
  /^l10n\/bundle\.l10n\.json$/,
  /^dist\/([a-z-]+\.js|sql-wasm\.wasm)$/,
  /^dist\/packages\/[a-z-]+\.js$/,
  /^dist\/webview\/[a-z]+\.js$/i,
  /^media\/.+\.(svg|png|css|md|sh|js|mjs|json)$/,
  /^prompts\/[a-z-]+\.md$/,
  /^bin\/(ic|ic\.cmd|lib-intercore\.sh)$/,
];

describe('the package', () => {
  let files: string[];

  before(async () => {
    files = await listFiles({ cwd: inProject('.'), packagedDependencies: [] });
  });

  it('holds no sources, tests, maps or dependencies', () => {
    const strays = files.filter((file) => !SHIPPED.some((pattern) => pattern.test(file)));
    assert.deepEqual(strays, []);
  });

  it('holds the programs, and SQLite once', () => {
    for (const program of ['extension', 'ic', 'ic-program', 'launcher']) {
      assert.ok(files.includes(`dist/${program}.js`), program);
    }
    assert.equal(files.filter((file) => file.endsWith('.wasm')).length, 1);
  });
});
