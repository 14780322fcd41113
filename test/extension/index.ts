/** Runs inside VS Code: hands the chosen test files to mocha. VS Code reports failure when the promise rejects. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import reporter from '../support/vscode/reporter';
import { ENV, RESULTS_OPTION } from '../support/vscode/results';

const TEST_TIMEOUT_MS = 30_000;

/** Resolves when every test passed; rejects when one failed. */
export async function run(): Promise<void> {
  const grep = process.env[ENV.grep];
  const mocha = new Mocha({
    color: false,
    timeout: TEST_TIMEOUT_MS,
    reporter,
    reporterOptions: { [RESULTS_OPTION]: process.env[ENV.results] },
    ...(grep ? { grep } : { forbidOnly: true }),
  });
  for (const file of testFiles(process.env[ENV.suite] ?? '', process.env[ENV.files] ?? '')) mocha.addFile(file);
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} tests failed.`);
}

/** The files of a suite whose path contains `part`: those for every launch, then its own. */
export function testFiles(suite: string, part: string): string[] {
  return [__dirname, path.join(__dirname, suite)]
    .filter((folder, index) => index === 0 || (suite !== '' && existsSync(folder)))
    .flatMap((folder) => readdirSync(folder).map((name) => path.join(folder, name)))
    .filter((file) => file.endsWith('.test.js') && path.relative(__dirname, file).includes(part));
}
