// Makes a clone ready: dependencies, then the build. Uses Node and npm alone, so it works before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const OLDEST_NODE = [20, 19];

function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const isNewEnough = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  if (!isNewEnough) fail(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.version}.`);
}

/** Runs a program in the project and ends this one with a clear line when it fails. */
function step(what, program, args) {
  console.log(`▸ ${what}`);
  const shell = process.platform === 'win32' && program === 'npm';
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell });
  if (error) fail(`${what} could not start: ${error.message}`);
  if (status !== 0) fail(`${what} failed.`);
}

/** What npm recorded about the installed packages must hold every package of the lock file, in its version. */
function areDependenciesCurrent() {
  const installedFile = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const read = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const installed = read(installedFile);
  return Object.entries(read(path.join(root, 'package-lock.json'))).every(([name, wanted]) => {
    const isForOthers = wanted.optional || wanted.devOptional || wanted.link;
    return name === '' || installed[name]?.version === wanted.version || (isForOthers && !installed[name]);
  });
}

checkNode();
if (areDependenciesCurrent()) console.log('▸ Dependencies are installed');
else step('Installing dependencies (npm ci)', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
step('Building dist/ and out/', process.execPath, ['esbuild.mjs', '--tests']);
