/**
 * What opening a hostile folder must not touch: a folder outside it, a program that leaves a file when it is started,
 * and a process that records the signals it gets.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, lstat, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { createRepository } from '../../scripts/demo/repositories';

/** Records each signal that a process can see, until its standard input ends. */
const LISTENER = `
  const { appendFileSync } = require('node:fs');
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGCONT', 'SIGPIPE']) {
    process.on(signal, () => appendFileSync(process.argv[1], signal + '\\n'));
  }
  process.stdin.on('end', () => process.exit(0)).resume();
  process.stdout.write('ready');
`;

/** The folder of the canaries beside the folders of a window. */
export const CANARIES = 'canaries';
const STATE = 'state.json';

export const SECRET = 'the secret of another folder';

const state = z.object({ pid: z.int(), untouched: z.string() });

export class Canaries {
  private constructor(
    readonly root: string,
    /** A process in a group of its own that no program may signal. */
    readonly pid: number,
    private readonly untouched: string,
    private readonly listener?: ChildProcess,
  ) {}

  /** Makes them in a folder that is not there yet. The caller closes them. */
  static async create(root: string): Promise<Canaries> {
    await mkdir(root, { recursive: true });
    const listener = spawn(process.execPath, ['-e', LISTENER, path.join(root, 'signals')], {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    });
    await once(listener.stdout, 'data');
    const { pid = 0 } = listener;
    await new Canaries(root, pid, '', listener).fill();
    const untouched = await treeHash(path.join(root, 'outside'));
    await writeFile(path.join(root, STATE), JSON.stringify({ pid, untouched }));
    return new Canaries(root, pid, untouched, listener);
  }

  /** Those that another process has made. */
  static async at(root: string): Promise<Canaries> {
    const { pid, untouched } = state.parse(JSON.parse(await readFile(path.join(root, STATE), 'utf8')));
    return new Canaries(root, pid, untouched);
  }

  /** A folder that no program may change; a repository is in it. */
  get outside(): string {
    return path.join(this.root, 'outside');
  }

  get clone(): string {
    return path.join(this.outside, 'clone');
  }

  get secret(): string {
    return path.join(this.outside, 'secret.txt');
  }

  /** A program that must never be started. */
  get program(): string {
    return path.join(this.root, 'pwn.sh');
  }

  async startToken(): Promise<string> {
    const text = await readFile(`/proc/${this.pid}/stat`, 'utf8').catch(() => '');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  }

  /** Fails where anything was started, changed or signalled. */
  async check(): Promise<void> {
    const started = await readFile(path.join(this.root, 'pwned'), 'utf8').catch(() => '');
    assert.equal(started, '', 'a program was started');
    const signals = await readFile(path.join(this.root, 'signals'), 'utf8').catch(() => '');
    assert.equal(signals, '', 'a stranger’s process got a signal');
    assert.doesNotThrow(() => process.kill(this.pid, 0), 'a stranger’s process was ended');
    assert.equal(await treeHash(this.outside), this.untouched, 'something outside was changed');
  }

  async close(): Promise<void> {
    const { listener } = this;
    if (listener === undefined || listener.exitCode !== null || listener.signalCode !== null) return;
    const closed = once(listener, 'close');
    listener.stdin?.end();
    await closed;
  }

  private async fill(): Promise<void> {
    await mkdir(this.outside);
    await createRepository(this.clone, [{ message: 'Start', files: { 'README.md': '# outside\n' } }]);
    await writeFile(this.secret, SECRET);
    await writeFile(
      this.program,
      `#!/bin/sh\n(echo "$0 $*"; ps -o args= -p $PPID) >> '${path.join(this.root, 'pwned')}'\n`,
    );
    await chmod(this.program, 0o755);
  }
}

/** Names, kinds, modes and contents of all below a folder. */
async function treeHash(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const visit = async (place: string): Promise<void> => {
    const stats = await lstat(place);
    hash.update(`${path.relative(folder, place)}\0${stats.mode}\0`);
    if (stats.isSymbolicLink()) hash.update(await readlink(place));
    else if (stats.isFile()) hash.update(await readFile(place));
    else if (stats.isDirectory()) for (const name of (await readdir(place)).sort()) await visit(path.join(place, name));
  };
  await visit(folder);
  return hash.digest('hex');
}
