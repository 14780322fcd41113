/** Runs the tests of one folder with mocha, in a process of its own. */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { runInTerminal } from '../../test/support/vscode/command';
import type { Selection } from '../../test/support/vscode/extensionTests';
import { inProject, inTmp, projectRoot } from '../../test/support/vscode/project';
import { readResults, RESULTS_OPTION, sum, type Results } from '../../test/support/vscode/results';
import type { Outcome } from './summary';

/** Runs the chosen tests below test/`folder`. `nothing` when no file is chosen. Never throws for a failed test. */
export async function runMocha(folder: string, selection: Selection, timeoutMs: number): Promise<Outcome> {
  const files = await testFiles(folder, selection.file ?? '');
  if (files.length === 0) return { kind: 'nothing' };
  return { kind: 'tested', results: await runFiles(folder, files, selection, timeoutMs) };
}

/**
 * Like `runMocha`, each file in a process of its own. A file with a failure is run once more, whole and from nothing,
 * and the second result counts; `secondTries` names such files, so that what is unreliable stays in sight.
 */
export async function runMochaFileByFile(folder: string, selection: Selection, timeoutMs: number): Promise<Outcome> {
  const files = await testFiles(folder, selection.file ?? '');
  if (files.length === 0) return { kind: 'nothing' };
  const all: Results[] = [];
  const secondTries: string[] = [];
  for (const file of files) {
    let results = await runFiles(folder, [file], selection, timeoutMs);
    if (results.failed > 0) {
      const name = path.basename(file, '.test.js');
      console.log(`\n${results.failed} failed in ${name}, which gets a second try:`);
      secondTries.push(name);
      results = await runFiles(folder, [file], selection, timeoutMs);
    }
    all.push(results);
  }
  return { kind: 'tested', results: sum(all), secondTries };
}

async function runFiles(
  folder: string,
  files: readonly string[],
  selection: Selection,
  timeoutMs: number,
): Promise<Results> {
  const resultsFile = inTmp('results', `${folder}.json`);
  await rm(resultsFile, { force: true });
  const code = await runInTerminal(
    process.execPath,
    [
      ...['--enable-source-maps', inProject('node_modules/mocha/bin/mocha.js'), '--timeout', String(timeoutMs)],
      ...['--reporter', inProject('out/test/support/vscode/reporter.js')],
      ...['--reporter-option', `${RESULTS_OPTION}=${resultsFile}`],
      ...(selection.grep === undefined ? ['--forbid-only'] : ['--grep', selection.grep]),
      ...files,
    ],
    { cwd: projectRoot() },
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
