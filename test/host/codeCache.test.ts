import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const MODULE = path.resolve(__dirname, '../../src/host/codeCache.js');
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

  function run(): string {
    const code = `require(${JSON.stringify(MODULE)}).runCached(${JSON.stringify(bundle)})`;
    const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' });
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

  it('never runs the code of an earlier edit, not even of one of the same length', async () => {
    assert.equal(run(), 'ran bundle.js');
    await writeFile(bundle, BUNDLE.replace('ran ', 'RAN '));
    await utimes(bundle, 1_000, 1_000);
    assert.equal(run(), 'RAN bundle.js');
  });

  it('compiles again where the cache is damaged, and mends it', async () => {
    run();
    const [kept = ''] = await caches();
    await writeFile(path.join(folder, kept), 'no code');
    assert.equal(run(), 'ran bundle.js');
    assert.notEqual(await readFile(path.join(folder, kept), 'utf8'), 'no code');
  });

  it('runs without a cache where none can be kept', async () => {
    run();
    const [kept = ''] = await caches();
    await rm(path.join(folder, kept));
    // A folder in its place cannot be replaced by a file, whoever asks.
    await mkdir(path.join(folder, kept, 'blocked'), { recursive: true });
    assert.equal(run(), 'ran bundle.js');
    assert.deepEqual(await caches(), [kept], 'no draft stays behind');
  });
});
