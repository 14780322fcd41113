// Mutants of the kernel and of the services that keep its promises, for example
// `npm run mutants -- --mutate 'src/kernel/gate/**'`. Only the tests run that mirror what is mutated.
import { existsSync } from 'node:fs';
import path from 'node:path';

const ALL = ['src/kernel/**', 'src/services/dispatch/**', 'src/services/portfolio/**', 'src/services/attention/**'];

const at = process.argv.findIndex((argument) => argument === '--mutate' || argument === '-m');
const patterns = at < 0 ? ALL : (process.argv[at + 1] ?? '').split(',').filter((pattern) => !pattern.startsWith('!'));

/**
 * The tests of the folder that a pattern names, or of the nearest folder above it that has some.
 * @param {string} pattern
 */
function testsOf(pattern) {
  let folder = pattern
    .replace(/[^/]*[*{].*$|[^/]*\.ts.*$/, '')
    .replace(/^src\//, 'test/')
    .replace(/\/$/, '');
  while (!existsSync(folder)) folder = path.dirname(folder);
  return `"out/${folder}/**/*.test.js"`;
}

const specs = [...new Set(patterns.map(testsOf))].join(' ');

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ALL.map((pattern) => `${pattern}/*.ts`),
  symlinkNodeModules: false,
  buildCommand: 'node scripts/buildMutants.mjs',
  testRunner: 'command',
  commandRunner: { command: `node node_modules/mocha/bin/mocha.js --no-config --bail --timeout 60000 ${specs}` },
  concurrency: 1,
  timeoutMS: 30_000,
  dryRunTimeoutMinutes: 30,
  reporters: ['clear-text', 'html', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: '.tmp/mutants/report.html' },
  jsonReporter: { fileName: '.tmp/mutants/report.json' },
  tempDirName: '.tmp/mutants/sandbox',
  ignorePatterns: ['.cache', '.tmp', 'dist', 'out', 'docs', 'media'],
};
