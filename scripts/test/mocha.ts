/** Runs the tests of one folder with mocha, in processes that share what they load. */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Selection } from '../../test/support/vscode/extensionTests';
import { inProject, inTmp } from '../../tools/project';
import { readResults, type Results } from '../../test/support/vscode/results';
import type { Part, Show } from './lanes';
import { defined } from '../../src/kernel/defined';
import { runInWorker, type WorkerKind } from './workers';

export interface Running {
  /** Stands before the name of a part and in that of the file of its results. */
  readonly name: string;
  readonly timeoutMs: number;
  readonly secondTry?: boolean;
  /** Names of the files that open windows of VS Code; none where left out. */
  readonly windows?: RegExp;
  /** Each file in a part of its own; otherwise all are one part, in a process of its own. */
  readonly apart?: boolean;
  /** In processes that keep their windows for the next file. */
  readonly keepsWindows?: boolean;
  /** Another Node than ours. */
  readonly node?: string;
  /** Parts of the names of the files that are run; all where left out. */
  readonly only?: RegExp;
}

/** The chosen tests below test/`folder`, in parts: none where no file is chosen. A failed test does not make them throw. */
export async function mochaParts(folder: string, selection: Selection, running: Running): Promise<Part[]> {
  const base = inProject('out/test', folder);
  const found = await testFiles(base, selection.file ?? '');
  const files = found.filter((file) => running.only?.test(path.basename(file)) !== false);
  const { secondTry = false } = running;
  return groupsOf(base, files, running).map(([title, group]) => {
    const opensWindows = group.some((file) => running.windows?.test(path.basename(file)) === true);
    const run = async (show: Show): Promise<{ kind: 'tested'; results: Results }> => ({
      kind: 'tested',
      results: await runFiles(title, group, selection, running, show),
    });
    return { title, secondTry, opensWindows, run };
  });
}

/** The files of each part, by its title. */
function groupsOf(base: string, files: readonly string[], { name, apart = false }: Running): [string, string[]][] {
  if (!apart) return files.length === 0 ? [] : [[name, [...files]]];
  const own = (file: string): string =>
    path
      .relative(base, file)
      .split(path.sep)
      .join('/')
      .replace(/\.test\.js$/, '');
  return files.map((file) => [`${name} ${own(file)}`, [file]]);
}

async function runFiles(
  title: string,
  files: readonly string[],
  selection: Selection,
  running: Running,
  show: Show,
): Promise<Results> {
  const resultsFile = inTmp('results', `${title.replace(/\W+/g, '-')}.json`);
  await rm(resultsFile, { force: true });
  const run = { ...defined({ grep: selection.grep }), files, results: resultsFile, timeoutMs: running.timeoutMs };
  const code = await runInWorker(workerFor(running, selection), run, show);
  const results = readResults(resultsFile);
  // Mocha may count everything as passed and still fail, as when something is thrown after the last test.
  const isMissed = code !== 0 && results.failed === 0;
  return isMissed ? { ...results, failed: 1, failures: ['it failed after its last test'] } : results;
}

function workerFor({ name, apart = false, keepsWindows = false, node }: Running, selection: Selection): WorkerKind {
  if (keepsWindows) {
    return {
      name: 'windows',
      program: 'out/test/ui/support/worker.js',
      options: ['--enable-source-maps'],
      opensWindows: true,
    };
  }
  return {
    ...defined({ node }),
    name: apart && node === undefined ? 'node' : name,
    program: 'out/scripts/test/nodeWorker.js',
    options: nodeOptions(selection),
    opensWindows: false,
  };
}

/**
 * With more room at first, test processes collect garbage less often, for a tenth of their CPU time less. To read source
 * maps costs another twentieth, so whole runs name places in the compiled files.
 */
function nodeOptions({ file, grep }: Selection): readonly string[] {
  const isSelective = file !== undefined || grep !== undefined;
  const room = ['--max-semi-space-size=16', '--initial-heap-size=128'];
  return isSelective ? ['--enable-source-maps', ...room] : room;
}

async function testFiles(base: string, part: string): Promise<string[]> {
  const names = await readdir(base, { recursive: true }).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw cause;
  });
  const chosen = names.filter((name) => name.endsWith('.test.js') && name.includes(part));
  return chosen.sort().map((name) => path.join(base, name));
}
