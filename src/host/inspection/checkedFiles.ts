/**
 * Which database files have passed the check once. A file keeps its device, inode and time of birth as long as programs
 * write it in place; one that was put in its place has others and is checked again. Notes are shared by the programs of
 * one person and kept outside every repository: none is believed that somebody else could have written.
 */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ifThere, systemCode } from '../fileErrors';
import { endOf } from '../../kernel/storableText';

export class CheckedFiles {
  private readonly known = new Map<string, string>();

  /** `folder`: where notes outlive this process; without one they do not. */
  constructor(private readonly folder?: string) {}

  /** Whether this very file has passed. */
  async has(file: string): Promise<boolean> {
    const identity = await identityOf(file);
    if (identity === undefined) return false;
    if (this.known.get(file) === identity) return true;
    if ((await this.read(file)) !== identity) return false;
    this.known.set(file, identity);
    return true;
  }

  /** Remembers that the file has passed, or that we wrote it. */
  async add(file: string): Promise<void> {
    const identity = await identityOf(file);
    if (identity === undefined || this.known.get(file) === identity) return;
    this.known.set(file, identity);
    if (this.folder === undefined) return;
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await writeFile(noteOf(this.folder, file), identity, { mode: 0o600 });
    } catch (error) {
      // Without a note the file is checked again by the next program, and nothing else happens.
      if (systemCode(error) === undefined) throw error;
    }
  }

  private async read(file: string): Promise<string | undefined> {
    if (this.folder === undefined) return undefined;
    try {
      return await readFile(noteOf(this.folder, file), 'utf8');
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return undefined;
    }
  }
}

const MAX_NAME_LENGTH = 200;

/** Two files that share a note are checked more often than others, and no less. */
function noteOf(folder: string, file: string): string {
  return path.join(folder, endOf(file.replace(/[^A-Za-z0-9._]/g, '-'), MAX_NAME_LENGTH));
}

async function identityOf(file: string): Promise<string | undefined> {
  const stats = await ifThere(stat(file, { bigint: true }));
  return stats && `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`;
}
