/** A rebuild next to a program that runs: each file of dist/ is the earlier one or the new one, at any time. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { inProject } from '../../../tools/project';
import { itLong } from '../../support/long';

const BYTES = 8_000_000;
const ROUNDS = 5;

/** Builds a folder again, several times, as `npm start` builds dist/. */
const REBUILD = `
  import { placeAll } from ${JSON.stringify(pathToFileURL(inProject('scripts/build/placed.mjs')).href)};
  const [folder, bytes, rounds] = process.argv.slice(1);
  const contents = 'b'.repeat(Number(bytes));
  const files = ['ic.js', 'packages/one.js'].map((name) => ({ path: \`\${folder}/\${name}\`, contents }));
  for (let round = 0; round < Number(rounds); round += 1) await placeAll(folder, files);
`;

/** Runs `work` again and again until the process has ended well. */
async function during(child: ChildProcess, work: () => Promise<void>): Promise<number> {
  const ended = once(child, 'exit').then(([code]) => assert.equal(code, 0));
  let times = 0;
  while (child.exitCode === null) {
    await work();
    times += 1;
  }
  await ended;
  return times;
}

describe('a rebuild of dist/', function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'placed-'));
    await mkdir(path.join(folder, 'packages'));
    for (const name of ['ic.js', 'packages/one.js', 'packages/old.js']) {
      await writeFile(path.join(folder, name), 'a'.repeat(BYTES));
    }
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('never shows a program that is missing or incomplete', async () => {
    const args = ['--input-type=module', '--eval', REBUILD, folder, String(BYTES), String(ROUNDS)];
    const times = await during(spawn(process.execPath, args, { stdio: 'inherit' }), async () => {
      for (const name of ['ic.js', 'packages/one.js']) {
        const text = await readFile(path.join(folder, name), 'latin1');
        assert.ok(text.length === BYTES && (text.endsWith('a') || text.endsWith('b')), `${name}: ${text.length} bytes`);
      }
    });
    assert.ok(times > 0);
    assert.deepEqual((await readdir(folder, { recursive: true })).sort(), ['ic.js', 'packages', 'packages/one.js']);
  });

  itLong('leaves ic usable', async () => {
    const build = spawn(process.execPath, [inProject('esbuild.mjs')], { stdio: 'inherit' });
    const times = await during(build, async () => {
      const ic = spawn(process.execPath, [inProject('dist/ic.js'), 'version'], { stdio: ['ignore', 'ignore', 'pipe'] });
      await once(ic, 'exit');
      assert.equal(ic.exitCode, 0);
    });
    assert.ok(times > 0);
  });
});
