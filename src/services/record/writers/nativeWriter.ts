/**
 * Lets SQLite write the file in place, under its own locks (`docs/design/storage.md`). The statements that a unit ran
 * in memory are run again on the file, after the lock is taken and the file is proved to have the content that the unit
 * saw.
 *
 * Our own lock is held too, because our processes without a native library replace the file.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { inWalMode } from '../../../host/database/databaseHeader';
import type { Generation } from '../../../host/database/generation';
import type { ImageFile } from '../../../host/image/imageFile';
import { snapshotOf, type Snapshot } from '../../../host/image/imageReading';
import type { NativeAnswer, NativeRequest, NativeSqlite } from '../../../host/native/messages';
import { otherUser } from '../../../host/database/otherUsers';
import { asDatabase } from '../../../host/database/rawAccess';
import { KernelError } from '../../../kernel/errors/errors';
import { foreignText } from '../../../kernel/errors/reasons/problem';
import type { NextContent, RecordWriter, WriteSession } from './recordWriter';

/** Primary result codes (SQLite's documentation of them). */
const [PERM, READONLY, CORRUPT, FULL, CANTOPEN, NOTADB] = [3, 8, 11, 13, 14, 26];
/** A write that a quota or file size limit cut short. A full disk is `FULL` or one of these. */
const NO_ROOM = [(3 << 8) | 10, (6 << 8) | 10, (19 << 8) | 10];

/** The error of a request that failed. Nothing was changed then. */
function nativeFailure(
  path: string,
  { code, problem }: Extract<NativeAnswer, { kind: 'failed' }>,
): KernelError | Error {
  // Like the system's own errors, which `fileErrors.ts` knows.
  if (typeof code === 'string') return Object.assign(new Error(problem), { code });
  const primary = code === undefined ? undefined : code & 0xff;
  if (primary === CORRUPT || primary === NOTADB)
    return new KernelError('DATABASE_DAMAGED', { path, problem: foreignText(problem) });
  const isRefused = primary === PERM || primary === READONLY || primary === CANTOPEN;
  const reason =
    primary === FULL || (code !== undefined && NO_ROOM.includes(code))
      ? 'disk-full'
      : isRefused
        ? 'permission'
        : 'other';
  return new KernelError('DATABASE_WRITE_FAILED', { path, reason, problem: foreignText(problem) });
}

const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 10;

export class NativeWriter implements RecordWriter {
  constructor(
    private readonly file: ImageFile,
    private readonly native: NativeSqlite,
  ) {}

  hold<T>(work: (session: WriteSession) => Promise<T>): Promise<T> {
    return this.file.lock(async (lock) => {
      await this.file.inspect();
      return this.during(lock.file, 'write', work);
    });
  }

  /** Reads the file under the library's lock, which also completes or undoes the work of a dead program. */
  async read(): Promise<Snapshot | undefined> {
    return this.during(await this.file.target(), 'read', (session) => session.read());
  }

  private during<T>(file: string, purpose: 'read' | 'write', work: (session: OpenFile) => Promise<T>): Promise<T> {
    return asDatabase(file, async () => {
      const session = new OpenFile(file, this.file, this.native);
      try {
        await session.begin(purpose);
        return await work(session);
      } finally {
        await session.end();
      }
    });
  }
}

let lastSession = 0;

class OpenFile implements WriteSession {
  generation: Generation | undefined;
  private readonly id = (lastSession += 1);
  private readonly deadline: number;

  constructor(
    private readonly path: string,
    private readonly file: ImageFile,
    private readonly native: NativeSqlite,
  ) {
    this.deadline = performance.now() + file.options.busyTimeoutMs;
  }

  async begin(purpose: 'read' | 'write' | 'create'): Promise<void> {
    const answer = await this.patiently({ kind: 'start', session: this.id, file: this.path, purpose });
    this.generation = answer.kind === 'started' ? answer.generation : undefined;
  }

  async end(): Promise<void> {
    await this.ask({ kind: 'end', session: this.id });
  }

  async read(): Promise<Snapshot | undefined> {
    if (this.generation === undefined) return undefined;
    const answer = await this.ask({ kind: 'read', session: this.id });
    return answer.kind === 'content' ? snapshotOf(this.path, answer) : undefined;
  }

  async backUp(nowMs: number): Promise<string> {
    const snapshot = await this.read();
    const bytes = snapshot?.bytes ?? new Uint8Array();
    // Rarely needed: before a migration.
    const { writeBackup } = await import('../../../host/image/backups.js');
    return writeBackup(this.path, snapshot?.walMode === true ? inWalMode(bytes) : bytes, nowMs);
  }

  async save({ statements, basedOn }: NextContent): Promise<Generation | undefined> {
    if (basedOn !== this.generation) return undefined;
    this.file.step('exported');
    if (basedOn === undefined && !(await this.create())) return undefined;
    const replayed = await this.ask({ kind: 'replay', session: this.id, statements });
    if (replayed.kind === 'differs') return undefined;
    this.file.step('written');
    this.file.step('synced');
    this.file.step('held');
    const committed = await this.patiently({ kind: 'commit', session: this.id });
    this.file.step('renamed');
    if (committed.kind !== 'committed') return undefined;
    if (basedOn === undefined) await this.file.isOurs();
    this.file.step('saved');
    return committed.generation;
  }

  /** False if another program was faster. */
  private async create(): Promise<boolean> {
    await this.begin('create');
    return (await this.read())?.bytes === undefined;
  }

  /** Retries while other programs hold locks, without blocking this one. */
  private async patiently(request: NativeRequest): Promise<NativeAnswer> {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      const answer = await this.ask(request);
      if (answer.kind !== 'busy') return answer;
      if (performance.now() >= this.deadline) {
        const by = (await otherUser(this.path)) ?? 'it holds a lock';
        throw new KernelError('DATABASE_IN_USE', { path: this.path, by });
      }
      // Random waits keep several processes from retrying in step.
      await delay(waitMs * (0.5 + Math.random()));
    }
  }

  private async ask(request: NativeRequest): Promise<NativeAnswer> {
    const answer = await this.native.ask(request);
    if (answer.kind === 'failed') throw nativeFailure(this.path, answer);
    return answer;
  }
}
