/** Which places of records are recorded elsewhere or cannot be seen, for views. What views ask for is checked again. */
import type { Log } from '../../../host/log';
import type { TrustedFolders } from '../../../host/trusted/trustedFolders';
import { watchFile } from '../../../host/files/fileWatch';
import type { Disposable } from '../../../kernel/emitter';

interface LocationState {
  /** Neither the person's nor ours, so that it is not opened. */
  readonly isElsewhere: boolean;
  /** Why it cannot be seen: it is on a disk that is away, for one. Undefined where it can. */
  readonly unseen: string | undefined;
}

const UNCHECKED: LocationState = { isElsewhere: false, unseen: undefined };

/** Nothing announces that a disk is connected: a place that is shown is checked again after this time. */
const AGAIN_MS = 2_000;

export class LocationStates implements Disposable {
  private readonly known = new Map<string, LocationState>();
  private readonly asked = new Set<string>();
  private watch: Disposable | undefined;
  private timer: NodeJS.Timeout | undefined;
  private round = 0;

  constructor(
    private readonly places: Pick<TrustedFolders, 'locationOf' | 'isKnown' | 'registryFile'>,
    private readonly log: Log,
    /** The state of a place is another one. */
    private readonly onDidChange: () => void,
    /** The clone of a worktree, by the records. */
    private readonly cloneOf: (worktree: string) => string | undefined = () => undefined,
    private readonly againMs = AGAIN_MS,
  ) {}

  /** The state of a place, as far as it has been checked. */
  of(claim: string): LocationState {
    const known = this.known.get(claim);
    if (known === undefined) {
      this.known.set(claim, UNCHECKED);
      void this.check(claim, this.round);
    } else {
      this.asked.add(claim);
      this.timer ??= setTimeout(() => this.checkAsked(), this.againMs).unref();
    }
    return known ?? UNCHECKED;
  }

  /** Places may be known by now: those that views still show are checked again. */
  forget(): void {
    this.round += 1;
    this.known.clear();
    this.onDidChange();
  }

  /** Disks may have been connected or taken away meanwhile. */
  checkAgain(): void {
    for (const claim of this.known.keys()) void this.check(claim, this.round);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.watch?.dispose();
  }

  private checkAsked(): void {
    this.timer = undefined;
    for (const claim of this.asked) void this.check(claim, this.round);
    this.asked.clear();
  }

  private async check(claim: string, round: number): Promise<void> {
    const state = await this.stateOf(claim);
    const known = this.known.get(claim);
    if (round !== this.round || known === undefined) return;
    if (state.isElsewhere === known.isElsewhere && state.unseen === known.unseen) return;
    this.known.set(claim, state);
    // `ic` and other windows trust places, too.
    if (state.isElsewhere) this.watch ??= watchFile(this.places.registryFile, { log: this.log }, () => this.forget());
    this.onDidChange();
  }

  /** One that cannot be checked is not opened. */
  private async stateOf(claim: string): Promise<LocationState> {
    try {
      const isElsewhere = (await this.places.locationOf(claim)) === 'elsewhere';
      const { unseenProblemIn } = await import('../../../host/git/worktree/worktreePresence.js');
      const { knownClone } = await import('./locations.js');
      return { isElsewhere, unseen: await unseenProblemIn(claim, () => knownClone(this.places, this.cloneOf(claim))) };
    } catch (error) {
      this.log.warn('place not checked', { error });
      return { isElsewhere: true, unseen: undefined };
    }
  }
}
