/** What ships: nothing but what runs, what is shown and what must be read (docs/conventions-checklist.md, row 60). */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { deflateRawSync } from 'node:zlib';
import { listFiles } from '@vscode/vsce';
import { z } from 'zod';
import { run } from '../../../tools/command';
import { MOST_PACKED, MOST_STARTED } from '../../../tools/packageBars';
import { inProject } from '../../../tools/project';

const SHIPPED = [
  /^(package(\.nls(\.[\w-]+)?)?\.json|README\.md|CHANGELOG\.md|SECURITY\.md|LICENSE|THIRD_PARTY_NOTICES\.txt)$/,
  /^l10n\/bundle\.l10n\.[a-zA-Z-]+\.json$/,
  /^dist\/([a-z-]+\.js|sql-wasm\.wasm\.br|package\.json)$/,
  /^dist\/part-[a-zA-Z-]+-[A-Z0-9]{8}\.js$/,
  /^dist\/packages\/[a-z-]+\.js$/,
  /^dist\/webview\/[a-z]+\.js$/i,
  /^media\/.+\.(svg|png|css|md|sh|js|mjs|json)$/,
  /^prompts\/[a-z-]+\.md$/,
  /^bin\/(ic|ic\.cmd|lib-intercore\.sh)$/,
];

const weights = z.strictObject({
  started: z.number(),
  packed: z.number(),
  sizes: z.record(z.string(), z.number()),
  beyondAscii: z.array(z.string()),
  variables: z.array(z.string()),
});

describe('the package', function () {
  // The list is made of every file in the folder, also of what tests have left there.
  this.timeout(120_000);
  let files: string[];

  before(async () => {
    files = await listFiles({ cwd: inProject('.'), packagedDependencies: [] });
  });

  it('holds no sources, tests, maps or dependencies', () => {
    const orphans = files.filter((file) => !SHIPPED.some((pattern) => pattern.test(file)));
    assert.deepEqual(orphans, []);
  });

  it('holds the programs, and SQLite once', () => {
    for (const program of ['extension', 'ic', 'ic-program', 'launcher', 'session-host', 'storage-thread']) {
      assert.ok(files.includes(`dist/${program}.js`), program);
    }
    assert.equal(files.filter((file) => file.endsWith('.wasm.br')).length, 1);
  });

  it('has a manifest next to the programs, so that Node does not read the large one at every start', async () => {
    assert.ok(files.includes('dist/package.json'));
    assert.deepEqual(JSON.parse(await readFile(inProject('dist/package.json'), 'utf8')), { type: 'commonjs' });
  });

  for (const document of ['AGENTS.md', 'CONTRIBUTING.md', 'docs/design/architecture.md']) {
    it(`has the bars that ${document} states`, async () => {
      const text = await readFile(inProject(document), 'utf8');
      const stated = [...text.matchAll(/\b[\d.]+ (?:MiB|kB)\b/g)].map(([bar]) => bar);
      assert.deepEqual(new Set(stated), new Set([`${MOST_STARTED / 1000} kB`, `${MOST_PACKED / 1024 ** 2} MiB`]));
    });
  }

  describe('as it is minified', () => {
    let weighed: z.infer<typeof weights>;

    before(async () => {
      const args = ['esbuild.mjs', '--production', '--sizes'];
      const printed = await run(process.execPath, args, { cwd: inProject('.'), what: 'Could not weigh' });
      weighed = weights.parse(JSON.parse(printed));
    });

    it('is small, and a window loads little of it when it starts', async () => {
      const { started, packed, sizes } = weighed;
      assert.ok(started < MOST_STARTED, `a window loads ${started} bytes: ${JSON.stringify(sizes)}`);
      const others = files.filter((file) => !file.startsWith('dist/') || file.endsWith('.wasm.br'));
      const contents = await Promise.all(others.map((file) => readFile(inProject(file))));
      const all = contents.reduce((sum, content) => sum + deflateRawSync(content).byteLength, packed);
      assert.ok(all < MOST_PACKED, `the package has ${all} bytes: ${JSON.stringify(sizes)}`);
    });

    it('has programs of ASCII alone: one other character doubles the memory of the whole source', () => {
      assert.deepEqual(weighed.beyondAscii, [], 'Write it as an escape in regular expressions and tagged templates.');
    });

    it('bundles no package that exports a variable: parts export values (scripts/build/commonJs.mjs)', () => {
      assert.deepEqual(weighed.variables, []);
    });
  });
});
