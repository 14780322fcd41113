/** A small disk of its own, for tests of full and read-only ones. Mounting needs rights that not everybody has. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export class Disk {
  private constructor(readonly folder: string) {}

  /** Mounts a disk of one megabyte at the folder, which is made; undefined where that is not allowed. */
  static mount(folder: string): Disk | undefined {
    mkdirSync(folder, { recursive: true });
    const made = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', folder]);
    return made.status === 0 ? new Disk(folder) : undefined;
  }

  /** The same over a folder that keeps its files, which must be small. */
  static mountOver(folder: string): Disk | undefined {
    const copy = mkdtempSync(path.join(tmpdir(), 'copy-'));
    cpSync(folder, copy, { recursive: true });
    const disk = Disk.mount(folder);
    if (disk !== undefined) cpSync(copy, folder, { recursive: true });
    rmSync(copy, { recursive: true });
    return disk;
  }

  setReadOnly(readOnly: boolean): void {
    execFileSync('mount', ['-o', readOnly ? 'remount,ro' : 'remount,rw', this.folder]);
  }

  unmount(): void {
    execFileSync('umount', ['-l', this.folder]);
  }
}
