/** What the files of a test run share, and what they must not. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runInWorker, type WorkerKind } from '../../../scripts/test/workers';
import { inProject } from '../../../tools/project';
import { readResults } from '../../support/vscode/results';

const KIND: WorkerKind = {
  name: 'of a test',
  program: 'out/scripts/test/nodeWorker.js',
  options: [],
  opensWindows: false,
};
const HELPER = 'out/test/support/until.js';
const PRODUCT = 'out/src/kernel/defined.js';

describe('a worker for tests', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'test-workers-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Runs a test of these statements: the number of failures, and what was shown. */
  async function run(statements: string): Promise<{ readonly failures: number; readonly shown: string }> {
    const file = path.join(folder, 'one.test.js');
    const results = path.join(folder, 'results.json');
    await writeFile(file, `it('does', () => {\n${statements}\n});\n`);
    const shown: string[] = [];
    const files = { files: [file], results, timeoutMs: 10_000 };
    const failures = await runInWorker(KIND, files, (text) => void shown.push(text));
    assert.equal(readResults(results).passed + readResults(results).failed, 1, shown.join(''));
    return { failures, shown: shown.join('') };
  }

  const notes = async (): Promise<string[]> =>
    (await readFile(path.join(folder, 'notes'), 'utf8')).trimEnd().split('\n');
  const note = (value: string): string =>
    `require('node:fs').appendFileSync(${JSON.stringify(path.join(folder, 'notes'))}, ${value} + '\\n');`;
  const marked = (module: string): string => {
    const loaded = `require(${JSON.stringify(inProject(module))})`;
    return `${note(`String(${loaded}.mark)`)} Object.defineProperty(${loaded}, 'mark', { value: 'kept' });`;
  };

  it('runs file after file in one process that keeps the product, and loads the helpers of tests again', async () => {
    const statements = [note('process.pid'), marked(PRODUCT), marked(HELPER)].join('\n');
    assert.equal((await run(statements)).failures, 0);
    assert.equal((await run(statements)).failures, 0);
    const [pid, product, helper, nextPid, nextProduct, nextHelper] = await notes();
    assert.deepEqual({ product, helper }, { product: 'undefined', helper: 'undefined' });
    assert.deepEqual(
      { nextPid, nextProduct, nextHelper },
      { nextPid: pid, nextProduct: 'kept', nextHelper: 'undefined' },
    );
  });

  it('fails a file that changes the environment, and is not used again', async () => {
    const changed = await run(`${note('process.pid')} process.env.LEFT = 'behind';`);
    assert.equal(changed.failures, 1);
    assert.match(changed.shown, /left behind: another working folder or environment/);
    await run(note("process.pid + ' ' + process.env.LEFT"));
    const [pid, next = ''] = await notes();
    assert.match(next, /undefined$/);
    assert.notEqual(next.split(' ')[0], pid);
  });

  it('fails a file whose test fails', async () => {
    const { failures, shown } = await run("throw new Error('on purpose');");
    assert.equal(failures, 1);
    assert.match(shown, /on purpose/);
  });
});
