/** The state of a session on disk, replaced whole. A change of what it is doing is written a few times a second. */
import { renameSync, writeFileSync } from 'node:fs';
import type { SessionState } from '../../../contract/sessions';
import { seal, STATE } from './sessionSeal';

const ACTIVITY_MS = 500;

export class StateFile {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly file: string,
    private readonly secret: string,
    private readonly state: () => SessionState,
  ) {}

  write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const staging = `${this.file}.${process.pid}`;
    try {
      writeFileSync(staging, seal(this.secret, STATE, this.state()), { mode: 0o600 });
      renameSync(staging, this.file);
    } catch (error) {
      // On a full disk the session continues; the next change is written again.
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }

  writeSoon(): void {
    this.timer ??= setTimeout(() => this.write(), ACTIVITY_MS).unref();
  }
}
