/** A real `ic events tail --follow`, and what it has printed so far. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { IC_SCRIPT } from '../ic/ic';

const followedEvent = z.object({ id: z.int(), run_id: z.string(), source: z.string(), to_state: z.string() });
export type FollowedEvent = z.infer<typeof followedEvent>;

export class Follower {
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  private readonly seen: FollowedEvent[] = [];
  private readonly waiting = new Set<() => void>();
  private notes = '';

  /** Follows the events of all runs of the project in `cwd`. The caller stops it. */
  constructor(cwd: string, ...flags: readonly string[]) {
    const args = [IC_SCRIPT, 'events', 'tail', '--all', '--follow', '--poll-interval=50ms', ...flags];
    const child = spawn(process.execPath, args, { cwd, env: { PWD: cwd }, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.notes += text;
      process.stderr.write(text);
      for (const look of this.waiting) look();
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.seen.push(followedEvent.parse(JSON.parse(line)));
      for (const look of this.waiting) look();
    });
    this.child = child;
    this.ended = once(child, 'close');
  }

  /** Resolves once so many events have come, or the process has ended. */
  async until(count: number): Promise<void> {
    await this.when(() => this.seen.length >= count);
  }

  /** Resolves once it has said so on its standard error, or the process has ended. */
  async whenNoted(note: RegExp): Promise<void> {
    await this.when(() => note.test(this.notes));
  }

  private async when(isSo: () => boolean): Promise<void> {
    const enough = new Promise<void>((resolve) => {
      const look = (): void => {
        if (!isSo()) return;
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
      look();
    });
    await Promise.race([enough, this.ended]);
  }

  /** Asks the process to stop, which it must do promptly with success, and returns its output. */
  async stop(): Promise<readonly FollowedEvent[]> {
    this.child.kill('SIGINT');
    assert.deepEqual(await this.ended, [0, null]);
    return this.seen;
  }
}
