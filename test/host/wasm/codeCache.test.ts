import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { splitParts } from '../../../src/host/wasm/codeCache';

const MODULE = path.resolve(__dirname, '../../../src/host/wasm/codeCache.js');
/** Of each word it runs another function, and it reports none that fails. */
const PARTS = `
  const used = exports.used = {};
  const word = process.argv[1];
  const functions = { one: () => 1 + 1, two: () => [2].map((n) => n * 2), fails: () => 0 };
  functions[word]();
  if (word !== 'fails') used.part = word;
  console.log(word);
`;
const BUNDLE = `
  const answer = (word) => word + require('node:path').basename(__filename);
  process.on('exit', () => console.log(answer('ran ')));
`;

describe('code cache', () => {
  let folder = '';
  let bundle = '';

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'code-cache-'));
    bundle = path.join(folder, 'bundle.js');
    await writeFile(bundle, BUNDLE);
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  function run(...words: string[]): string {
    const code = `require(${JSON.stringify(MODULE)}).runCached(${JSON.stringify(bundle)})`;
    const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', code, ...words], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return stdout.trim();
  }

  const caches = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name !== 'bundle.js');

  it('runs a bundle as a module, keeps what was compiled, and runs it again from that', async () => {
    assert.equal(run(), 'ran bundle.js');
    const [kept = '', ...others] = await caches();
    assert.ok(kept.endsWith('.cache'), 'one whole file, and no draft');
    assert.deepEqual(others, []);
    const before = await readFile(path.join(folder, kept));
    assert.equal(run(), 'ran bundle.js');
    assert.deepEqual(await readFile(path.join(folder, kept)), before, 'V8 took it');
  });

  const keptParts = async (): Promise<readonly string[] | undefined> =>
    splitParts(await readFile(path.join(folder, (await caches())[0] ?? '')))?.parts;

  it('adds what each part of the bundle compiles, once', async () => {
    await writeFile(bundle, PARTS);
    assert.equal(run('one'), 'one');
    assert.deepEqual(await keptParts(), ['one']);
    const [cache = ''] = await caches();
    const first = await readFile(path.join(folder, cache));
    assert.equal(run('fails'), 'fails');
    assert.equal(run('one'), 'one');
    assert.deepEqual(await readFile(path.join(folder, cache)), first, 'nothing to add');
    assert.equal(run('two'), 'two');
    assert.deepEqual(await keptParts(), ['one', 'two']);
    const both = await readFile(path.join(folder, cache));
    assert.ok(both.length > first.length);
    assert.equal(run('two'), 'two');
    assert.equal(run('one'), 'one');
    assert.deepEqual(await readFile(path.join(folder, cache)), both, 'V8 took it');
  });

  it('runs a bundle that is not ASCII', async () => {
    await writeFile(bundle, 'console.log("größer");');
    assert.equal(run(), 'größer');
    assert.equal(run(), 'größer');
  });

  it('never runs the code of an earlier edit, not even of one of the same length', async () => {
    assert.equal(run(), 'ran bundle.js');
    await writeFile(bundle, BUNDLE.replace('ran ', 'RAN '));
    await utimes(bundle, 1_000, 1_000);
    assert.equal(run(), 'RAN bundle.js');
  });

  it('compiles again where the cache is damaged, and fixes it', async () => {
    run();
    const [kept = ''] = await caches();
    for (const damaged of ['no code', '', 'x\0\0\0\0']) {
      await writeFile(path.join(folder, kept), damaged);
      assert.equal(run(), 'ran bundle.js');
      assert.notEqual(await readFile(path.join(folder, kept), 'utf8'), damaged);
    }
  });

  it('runs without a cache where none can be kept', async () => {
    run();
    const [kept = ''] = await caches();
    await rm(path.join(folder, kept));
    // A folder in its place cannot be replaced by a file, even by root.
    await mkdir(path.join(folder, kept, 'blocked'), { recursive: true });
    assert.equal(run(), 'ran bundle.js');
    assert.deepEqual(await caches(), [kept], 'no draft stays behind');
  });
});
