/**
 * Database files that have passed the check. A file keeps its device, inode and time of birth while programs write it
 * in place; a replacement has others and is checked again. Notes are shared by the programs of one user and stored
 * outside every repository; a note that another user could have written is ignored.
 */
import { randomBytes } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolders } from '../files/folders';
import { ifThere, isNoEntry, systemCode } from '../files/fileErrors';
import { endOf } from '../../kernel/text/storableText';
import { renameOver } from '../files/renames';

/**
 * How many files are remembered for a path: while several programs replace it, each sees some that are already gone.
 */
const MAX_IDENTITIES = 8;

export class CheckedFiles {
  /** Newest first. */
  private readonly known = new Map<string, readonly string[]>();

  /** `folder`: stores notes beyond this process; without one they are not stored. */
  constructor(private readonly folder?: string) {}

  /** Whether exactly this file has passed. */
  async has(file: string): Promise<boolean> {
    const identity = await identityOf(file);
    if (identity === undefined) return false;
    if (this.knownAt(file).includes(identity)) return true;
    const noted = await this.read(file);
    if (!noted.includes(identity)) return false;
    this.known.set(file, noted);
    return true;
  }

  /** Records that the file has passed, or that we wrote it. */
  async add(file: string): Promise<void> {
    await this.note(file, await identityOf(file));
  }

  /**
   * Records a draft that we wrote and are about to rename to `file`, so that no program ever finds an unknown file
   * there. The current file stays known: programs read it until then.
   */
  async expect(file: string, draft: string): Promise<void> {
    await this.note(file, await identityOf(draft));
  }

  private async note(file: string, identity: string | undefined): Promise<void> {
    if (identity === undefined || this.knownAt(file)[0] === identity) return;
    // A program that replaces a file knows the current one, and the notes of others, from `has`.
    const known = this.knownAt(file);
    const older = known.length > 0 ? known : await this.read(file);
    const identities = [identity, ...older.filter((other) => other !== identity)].slice(0, MAX_IDENTITIES);
    this.known.set(file, identities);
    if (this.folder === undefined) return;
    try {
      await replaceNote(this.folder, noteOf(this.folder, file), identities);
    } catch (error) {
      // Without a note the next program just checks the file again.
      if (systemCode(error) === undefined) throw error;
    }
  }

  private knownAt(file: string): readonly string[] {
    return this.known.get(file) ?? [];
  }

  private async read(file: string): Promise<readonly string[]> {
    if (this.folder === undefined) return [];
    try {
      return (await readFile(noteOf(this.folder, file), 'utf8')).split('\n');
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return [];
    }
  }
}

const MAX_NAME_LENGTH = 200;

/** Two files that share a note are only checked more often. */
function noteOf(folder: string, file: string): string {
  return path.join(folder, endOf(file.replace(/[^A-Za-z0-9._]/g, '-'), MAX_NAME_LENGTH));
}

/** Other programs may read the note at any time, and always find it complete. */
async function replaceNote(folder: string, note: string, identities: readonly string[]): Promise<void> {
  const staging = `${note}.${randomBytes(4).toString('hex')}`;
  const stage = (): Promise<void> => writeFile(staging, identities.join('\n'), { mode: 0o600, flag: 'wx' });
  try {
    await stage().catch(async (error: unknown) => {
      if (!isNoEntry(error)) throw error;
      await makeFolders(folder);
      await stage();
    });
    await renameOver(staging, note);
  } catch (error) {
    await rm(staging, { force: true });
    throw error;
  }
}

async function identityOf(file: string): Promise<string | undefined> {
  const stats = await ifThere(stat(file, { bigint: true }));
  return stats && `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`;
}
