/** Runs the tests of one folder with mocha, in a process of its own. */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { runInTerminal } from '../../test/support/vscode/command';
import type { Selection } from '../../test/support/vscode/extensionTests';
import { inProject, inTmp, projectRoot } from '../../test/support/vscode/project';
import { readResults, RESULTS_OPTION, sum, type Results, type RunResults } from '../../test/support/vscode/results';
import type { Outcome } from './summary';

export interface Running {
  readonly timeoutMs: number;
  /**
   * For tests over real processes, time and programs of others. A file with a failure is run once more, whole, by itself
   * and from nothing, and the second result counts; `secondTries` names it, so that what is unreliable stays in sight.
   */
  readonly secondTry?: boolean;
  /** Each file in a process of its own. */
  readonly apart?: boolean;
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Another Node than ours. */
  readonly node?: string;
  /** Parts of the names of the files that are run; all where left out. */
  readonly only?: RegExp;
}

/** Runs the chosen tests below test/`folder`. `nothing` when no file is chosen. Never throws for a failed test. */
export async function runMocha(folder: string, selection: Selection, running: Running): Promise<Outcome> {
  const found = await testFiles(folder, selection.file ?? '');
  const files = found.filter((file) => running.only?.test(path.basename(file)) !== false);
  if (files.length === 0) return { kind: 'nothing' };
  const groups = running.apart === true ? files.map((file) => [file]) : [files];
  const all: Results[] = [];
  const secondTries: string[] = [];
  for (const group of groups) {
    const run = await runFiles(folder, group, selection, running);
    const failed = running.secondTry === true ? filesThatFailed(run, group) : [];
    if (failed.length === 0) all.push(run);
    else all.push(...Object.entries(run.byFile).flatMap(([file, results]) => (failed.includes(file) ? [] : [results])));
    for (const file of failed) {
      const name = path.basename(file, '.test.js');
      console.log(`\n${name} failed and gets a second try:`);
      secondTries.push(name);
      all.push(await runFiles(folder, [file], selection, running));
    }
  }
  return { kind: 'tested', results: sum(all), secondTries };
}

/** None where a failure belongs to no file of the group, which a second try could not answer. */
function filesThatFailed(run: RunResults, group: readonly string[]): readonly string[] {
  if (run.failed === 0) return [];
  if (group.length === 1) return group;
  const failed = Object.entries(run.byFile).flatMap(([file, results]) => (results.failed > 0 ? [file] : []));
  return failed.every((file) => group.includes(file)) ? failed : [];
}

async function runFiles(
  folder: string,
  files: readonly string[],
  selection: Selection,
  { timeoutMs, node = process.execPath, env = {} }: Running,
): Promise<RunResults> {
  const resultsFile = inTmp('results', `${folder}.json`);
  await rm(resultsFile, { force: true });
  const code = await runInTerminal(
    node,
    [
      ...['--enable-source-maps', inProject('node_modules/mocha/bin/mocha.js'), '--timeout', String(timeoutMs)],
      ...['--reporter', inProject('out/test/support/vscode/reporter.js')],
      ...['--reporter-option', `${RESULTS_OPTION}=${resultsFile}`],
      ...(selection.grep === undefined ? ['--forbid-only'] : ['--grep', selection.grep]),
      ...files,
    ],
    { cwd: projectRoot(), env: { ...process.env, ...env } },
  );
  const results = readResults(resultsFile);
  // Mocha may count everything as passed and still fail, as when something is thrown after the last test.
  const isMissed = code !== 0 && results.failed === 0;
  return isMissed ? { ...results, failed: 1 } : results;
}

async function testFiles(folder: string, part: string): Promise<string[]> {
  const base = inProject('out/test', folder);
  const names = await readdir(base, { recursive: true }).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw cause;
  });
  const chosen = names.filter((name) => name.endsWith('.test.js') && name.includes(part));
  return chosen.sort().map((name) => path.join(base, name));
}
