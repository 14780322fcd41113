/**
 * Tests with real mounts: each runs again in a process with a mount namespace of its own, so that it needs no privilege
 * and no mount outlives it. It is skipped where the system does not allow that.
 */
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { it } from 'mocha';
import { inProject } from '../../../tools/project';
import { IS_LONG } from '../long';

const run = promisify(execFile);
const INSIDE = 'INTERCORE_TEST_MOUNTS';
const NAMESPACE = ['--user', '--map-root-user', '--mount'];
let isAllowed: boolean | undefined;

function canMount(): boolean {
  if (process.platform !== 'linux') return false;
  return spawnSync('unshare', [...NAMESPACE, 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
}

/** A test whose body may mount. `file` is the test's own. Hooks run outside too, so it needs none. */
export function itMounts(title: string, file: string, body: () => Promise<void>): void {
  it(title, async function () {
    if (process.env[INSIDE] !== undefined) return body();
    isAllowed ??= canMount();
    if (!isAllowed) return this.skip();
    await passesInside(file, this.test?.fullTitle() ?? title);
  });
}

/** Like `itMounts`, in the long run only. */
export const itMountsLong: typeof itMounts = (title, file, body) =>
  IS_LONG ? itMounts(title, file, body) : void it.skip(title);

async function passesInside(file: string, title: string): Promise<void> {
  const mocha = [inProject('node_modules/mocha/bin/mocha.js'), '--no-config', '--fgrep', title];
  const child = spawn('unshare', [...NAMESPACE, process.execPath, ...mocha, file], {
    env: { ...process.env, [INSIDE]: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => (printed += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  assert.ok(code === 0 && /\b1 passing\b/.test(printed), printed);
}

export async function mountMemory(folder: string): Promise<void> {
  await run('mount', ['-t', 'tmpfs', 'none', folder]);
}

/** Makes a folder reachable at another path. */
export async function bind(folder: string, at: string): Promise<void> {
  await run('mount', ['--bind', folder, at]);
}

export async function remountReadOnly(folder: string): Promise<void> {
  await run('mount', ['-o', 'remount,ro', folder]);
}

/** Puts a disk over a folder whose driver has stopped: each access fails with `ENOTCONN`. */
export async function mountDead(folder: string): Promise<void> {
  await run('bash', ['-c', mountingFuse(folder)]);
}

/** Puts a disk over a folder that does not answer: each access waits until it is released, and fails then. */
export async function mountSilent(folder: string): Promise<() => Promise<void>> {
  const holder = spawn('bash', ['-c', `${mountingFuse(folder)} && echo mounted && read -r`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'close');
  await once(holder.stdout, 'data');
  return async () => {
    holder.stdin.end();
    await ended;
  };
}

function mountingFuse(folder: string): string {
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0';
  return `exec 3<>/dev/fuse && mount -i -t fuse -o ${options} none '${folder}'`;
}

export async function unmount(folder: string): Promise<void> {
  await run('umount', [folder]);
}
