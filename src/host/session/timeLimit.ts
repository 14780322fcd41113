/** The time limit of a session. Its clock stands while the agent waits for a person. */

const MAX_DELAY_MS = 2 ** 31 - 1;

export class TimeLimit {
  private timer: NodeJS.Timeout | undefined;
  private startedAtMs = 0;

  /** @param leftMs null for no limit */
  constructor(
    private leftMs: number | null,
    private readonly onReached: () => void,
  ) {}

  run(isRunning: boolean): void {
    if (this.leftMs === null || isRunning === (this.timer !== undefined)) return;
    if (isRunning) {
      this.startedAtMs = Date.now();
      this.timer = setTimeout(this.onReached, Math.min(this.leftMs, MAX_DELAY_MS)).unref();
      return;
    }
    clearTimeout(this.timer);
    this.timer = undefined;
    this.leftMs = Math.max(0, this.leftMs - (Date.now() - this.startedAtMs));
  }
}
