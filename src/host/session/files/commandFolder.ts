/**
 * Commands to a session, as its host sees them appear. Only small regular files with the dispatch's seal count; each is
 * taken once, in the order of its appearance. Imports nothing but Node and the declaration of commands.
 */
import {
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  closeSync,
  unlinkSync,
  watch,
} from 'node:fs';
import path from 'node:path';
import { sessionCommand, type SessionCommand } from '../../../contract/sessions';
import { unsealed } from '../../launcher/seal';
import { COMMAND } from './sessionSeal';

const MAX_BYTES = 2 * 1024 * 1024;
/** The system's notice of a new file may be lost, and is missing for some file systems. */
const LOOK_MS = { watched: 2000, unwatched: 250 };
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW || 0) | (constants.O_NONBLOCK || 0);

export class CommandFolder {
  private readonly taken = new Set<string>();

  constructor(
    private readonly folder: string,
    private readonly secret: string,
    private readonly onCommand: (command: SessionCommand) => void,
    private readonly onRefused: (file: string) => void,
  ) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Takes what is there, and what appears until this program ends. */
  follow(): void {
    const restMs = this.watch() ? LOOK_MS.watched : LOOK_MS.unwatched;
    const look = (): void => {
      this.take();
      setTimeout(look, restMs);
    };
    look();
  }

  private watch(): boolean {
    try {
      watch(this.folder, { persistent: false }, () => this.take()).on('error', () => undefined);
      return true;
    } catch {
      return false;
    }
  }

  take(): void {
    const names = readdirSync(this.folder).filter((name) => name.endsWith('.json') && !this.taken.has(name));
    const files = names.map((name) => ({ name, found: this.read(path.join(this.folder, name)) }));
    for (const { name, found } of files.sort((a, b) => a.found.atMs - b.found.atMs)) {
      this.taken.add(name);
      if (found.command === undefined) this.refuse(name);
      else this.onCommand(found.command);
    }
  }

  /** A file of another program must not take the place of an answer. */
  private refuse(name: string): void {
    this.onRefused(name);
    try {
      unlinkSync(path.join(this.folder, name));
      this.taken.delete(name);
    } catch (error) {
      // It stays refused.
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }

  private read(file: string): { readonly atMs: number; readonly command: SessionCommand | undefined } {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(file, READ_FLAGS);
      const { size, mtimeMs } = fstatSync(descriptor);
      const isSmall = fstatSync(descriptor).isFile() && size <= MAX_BYTES;
      return { atMs: mtimeMs, command: isSmall ? this.parse(contentOf(descriptor, size)) : undefined };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      return { atMs: 0, command: undefined };
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  private parse(content: string): SessionCommand | undefined {
    const record = unsealed(this.secret, COMMAND, content);
    return record === undefined ? undefined : sessionCommand.safeParse(JSON.parse(record)).data;
  }
}

function contentOf(descriptor: number, size: number): string {
  const buffer = Buffer.alloc(size);
  return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, size, 0));
}
