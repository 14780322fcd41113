/** A folder in memory for the temporary files of tests: git and the record's files cost a third less there. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const IN_MEMORY = '/dev/shm';
/** The type of a file system in memory, as Linux numbers it. */
const TMPFS = 0x01021994;
const NAME = 'ic-tests-';
/** A whole run leaves less than a tenth of it there. */
const LEAST_BYTES = 4 * 1024 ** 3;

/**
 * Makes the folder, which goes with this process. Undefined where the system has none, too little memory, or runs no
 * programs from there.
 */
export function memoryFolder(root = IN_MEMORY): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    removeLeft(root);
    const { type, bavail, bsize } = statfsSync(root);
    if (type !== TMPFS || Math.min(bavail * bsize, os.freemem()) < LEAST_BYTES) return undefined;
    const folder = mkdtempSync(path.join(root, `${NAME}${process.pid}-`));
    // Some tests act as another user, who must reach its files.
    chmodSync(folder, 0o711);
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const program = path.join(folder, 'program');
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 });
    execFileSync(program);
    rmSync(program);
    return folder;
  } catch {
    return undefined;
  }
}

/** Folders of runs that were killed. */
function removeLeft(root: string): void {
  for (const name of readdirSync(root).filter((each) => each.startsWith(NAME))) {
    const pid = Number(name.slice(NAME.length).split('-')[0]);
    if (!isRunning(pid)) rmSync(path.join(root, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}
