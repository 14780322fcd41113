/**
 * Which locations in records are recorded elsewhere or not accessible, for views. Locations that views show are checked
 * again.
 */
import type { Log } from '../../../host/log';
import type { TrustedFolders } from '../../../host/trusted/trustedFolders';
import { watchFile } from '../../../host/image/fileWatch';
import type { Disposable } from '../../../kernel/emitter';
import type { Problem } from '../../../kernel/errors/reasons/problem';

interface LocationState {
  /** Neither the user's nor ours, so it is not opened. */
  readonly isElsewhere: boolean;
  /** Why it is not accessible, such as a disconnected disk. Undefined if it is accessible. */
  readonly unseen: Problem<'WORKTREE_UNSEEN'> | undefined;
}

const UNCHECKED: LocationState = { isElsewhere: false, unseen: undefined };

/** There is no event for a connected disk: a shown location is checked again after this time. */
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
    /** Called when the state of a location changes. */
    private readonly onDidChange: () => void,
    /** The clone of a worktree, according to the records. */
    private readonly cloneOf: (worktree: string) => string | undefined = () => undefined,
    private readonly againMs = AGAIN_MS,
  ) {}

  /** The last known state of a location. */
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

  /** Locations may be trusted now: those that views still show are checked again. */
  forget(): void {
    this.round += 1;
    this.known.clear();
    this.onDidChange();
  }

  /** Disks may have been connected or disconnected. */
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
    if (state.isElsewhere === known.isElsewhere && state.unseen?.text === known.unseen?.text) return;
    this.known.set(claim, state);
    // `ic` and other windows also trust locations.
    if (state.isElsewhere) this.watch ??= watchFile(this.places.registryFile, { log: this.log }, () => this.forget());
    this.onDidChange();
  }

  /** A location that cannot be checked is not opened. */
  private async stateOf(claim: string): Promise<LocationState> {
    try {
      const isElsewhere = (await this.places.locationOf(claim)) === 'elsewhere';
      const { unseenProblemIn } = await import('../../../host/git/worktree/worktreePresence.js');
      const { knownClone } = await import('./locations.js');
      return { isElsewhere, unseen: await unseenProblemIn(claim, () => knownClone(this.places, this.cloneOf(claim))) };
    } catch (error) {
      this.log.warn('location not checked', { error });
      return { isElsewhere: true, unseen: undefined };
    }
  }
}
