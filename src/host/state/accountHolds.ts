/**
 * Accounts that a service refuses until a time: one small file each in this user's own state, so that windows and `ic`
 * in any folder start no agent with them. A file names an account by a mark that reveals no credential.
 */
import { readdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { makeFoldersSync } from '../files/folders';
import type { Disposable } from '../../kernel/emitter';
import { problemOf } from '../../kernel/errors/errors';
import { isNoEntry } from '../files/fileErrors';
import type { Log } from '../log';

const MAX_BYTES = 16_384;

const accountHold = z.object({
  account: z.string().regex(/^[0-9a-f]{32}$/),
  /** The agent kind that hit the limit. */
  kind: z.string().max(64),
  /** As reported by the service. */
  reason: z.string(),
  sinceMs: z.number(),
  /** When the next dispatch may start; null until a person resumes. */
  untilMs: z.number().nullable(),
  /** Consecutive limits, without a success in between. */
  tries: z.int().min(1),
});
export type AccountHold = z.infer<typeof accountHold>;

export class AccountHolds {
  constructor(private readonly folder: string) {}

  /** All stored holds, including expired ones, which count consecutive limits. */
  list(): readonly AccountHold[] {
    try {
      const names = readdirSync(this.folder).filter((name) => /^[0-9a-f]{32}$/.test(name));
      return names.flatMap((name) => this.find(name) ?? []);
    } catch (error) {
      if (isNoEntry(error)) return [];
      throw error;
    }
  }

  find(account: string): AccountHold | undefined {
    try {
      const text = readFileSync(this.file(account), 'utf8');
      const hold = text.length > MAX_BYTES ? undefined : accountHold.safeParse(parsed(text)).data;
      return hold?.account === account ? hold : undefined;
    } catch (error) {
      if (isNoEntry(error)) return undefined;
      throw error;
    }
  }

  /** Appears complete or not at all. */
  set(hold: AccountHold): void {
    makeFoldersSync(this.folder);
    const file = this.file(hold.account);
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(hold), { mode: 0o600, flush: true });
    renameSync(draft, file);
  }

  release(account: string): void {
    rmSync(this.file(account), { force: true });
  }

  /** Reports that any program may have changed a hold. It never keeps the process alive. */
  watch(log: Log, onChange: () => void): Disposable {
    const notWatched = (error: unknown): void => log.warn('held accounts not watched', { problem: problemOf(error) });
    try {
      makeFoldersSync(this.folder);
      const watcher = watch(this.folder, { persistent: false }, () => onChange());
      watcher.on('error', notWatched);
      return { dispose: () => watcher.close() };
    } catch (error) {
      notWatched(error);
      return { dispose: () => undefined };
    }
  }

  private file(account: string): string {
    return path.join(this.folder, account);
  }
}

/** Undefined for text that is not JSON: the file is then ignored. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
