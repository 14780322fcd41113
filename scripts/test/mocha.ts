/** Runs the tests of one folder with mocha, in processes of their own. */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { runAndShow } from '../../tools/command';
import type { Selection } from '../../test/support/vscode/extensionTests';
import { inProject, inTmp, projectRoot } from '../../tools/project';
import { readResults, RESULTS_OPTION, type Results } from '../../test/support/vscode/results';
import type { Part, Show } from './lanes';
import { runInWorker } from './uiWorkers';

export interface Running {
  /** Stands before the name of a part and in that of the file of its results. */
  readonly name: string;
  readonly timeoutMs: number;
  readonly secondTry?: boolean;
  /** Names of the files that open windows of VS Code; none where left out. */
  readonly windows?: RegExp;
  /** Each file in a process of its own, so in a part of its own. */
  readonly apart?: boolean;
  /**
   * Of files that are otherwise apart: those whose paths match share a process, which spares its start, under the name
   * of the pattern. For short tests that leave nothing behind.
   */
  readonly together?: Readonly<Record<string, RegExp>>;
  /** In processes that keep their windows for the next file; each part is one file. */
  readonly inWorkers?: boolean;
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
  return [...groupsOf(base, files, running)].map(([name, group]) => {
    const title = name === '' ? running.name : `${running.name} ${name}`;
    const opensWindows = group.some((file) => running.windows?.test(path.basename(file)) === true);
    const run = async (show: Show): Promise<{ kind: 'tested'; results: Results }> => ({
      kind: 'tested',
      results: await runFiles(title, group, selection, running, show),
    });
    return { title, secondTry, opensWindows, run };
  });
}

/** The files of each part, by its name; that of all files together has none. */
function groupsOf(base: string, files: readonly string[], { apart = false, together = {} }: Running) {
  const groups = new Map<string, string[]>();
  for (const file of files) {
    const own = path
      .relative(base, file)
      .split(path.sep)
      .join('/')
      .replace(/\.test\.js$/, '');
    const shared = Object.entries(together).find(([, paths]) => paths.test(own))?.[0];
    const name = apart ? (shared ?? own) : '';
    groups.set(name, [...(groups.get(name) ?? []), file]);
  }
  return groups;
}

async function runFiles(
  title: string,
  files: readonly string[],
  selection: Selection,
  { timeoutMs, node = process.execPath, inWorkers = false }: Running,
  show: Show,
): Promise<Results> {
  const name = title.replace(/\W+/g, '-');
  const resultsFile = inTmp('results', `${name}.json`);
  await rm(resultsFile, { force: true });
  const [file = ''] = files;
  const code = inWorkers
    ? await runInWorker({ ...selection, file, results: resultsFile, timeoutMs }, show)
    : await runAndShow(
        node,
        [
          // What Node itself is given comes first, else mocha starts a second Node for it.
          ...nodeOptions(selection),
          ...[inProject('node_modules/mocha/bin/mocha.js'), '--no-config'],
          ...['--timeout', String(timeoutMs)],
          ...['--reporter', inProject('out/test/support/vscode/reporter.js')],
          ...['--reporter-option', `${RESULTS_OPTION}=${resultsFile}`],
          ...(process.stdout.isTTY ? ['--color'] : []),
          ...(selection.grep === undefined ? ['--forbid-only'] : ['--grep', selection.grep]),
          ...files,
        ],
        // A person's hands wait for no one: windows come first, so that other tests cannot slow them down.
        { cwd: projectRoot(), yields: true },
        show,
      );
  const results = readResults(resultsFile);
  // Mocha may count everything as passed and still fail, as when something is thrown after the last test.
  const isMissed = code !== 0 && results.failed === 0;
  return isMissed
    ? { ...results, failed: 1, failures: [`it ended with exit code ${code} after its last test`] }
    : results;
}

/**
 * Test processes live for seconds: with more room at first they collect garbage less often, for a tenth of their CPU time
 * less. To read source maps costs another twentieth, so whole runs name places in the compiled files.
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
