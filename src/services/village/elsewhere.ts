/** Which places of records are recorded elsewhere, for views: each is checked once, and again where our registry changes. */
import type { Log } from '../../host/log';
import type { Places } from '../../host/trusted/places';
import { watchFile } from '../../host/fileWatch';
import type { Disposable } from '../../kernel/emitter';

export class Elsewhere implements Disposable {
  /** False while it is being checked. */
  private readonly known = new Map<string, boolean>();
  private watch: Disposable | undefined;
  private round = 0;

  constructor(
    private readonly places: Pick<Places, 'locationOf' | 'registryFile'>,
    private readonly log: Log,
    /** A place that was taken for known is recorded elsewhere, or the other way round. */
    private readonly onDidChange: () => void,
  ) {}

  /** Whether a place is recorded elsewhere, as far as it has been checked. */
  has(claim: string): boolean {
    const known = this.known.get(claim);
    if (known !== undefined) return known;
    this.known.set(claim, false);
    void this.check(claim, this.round);
    return false;
  }

  /** Places may be known by now: those that views still show are checked again. */
  forget(): void {
    this.round += 1;
    this.known.clear();
    this.onDidChange();
  }

  dispose(): void {
    this.watch?.dispose();
  }

  private async check(claim: string, round: number): Promise<void> {
    let isElsewhere = true;
    try {
      isElsewhere = (await this.places.locationOf(claim)) === 'elsewhere';
    } catch (error) {
      this.log.warn('place not checked', { error });
    }
    if (!isElsewhere || round !== this.round) return;
    this.known.set(claim, true);
    // `ic` and other windows trust places, too.
    this.watch ??= watchFile(this.places.registryFile, { log: this.log }, () => this.forget());
    this.onDidChange();
  }
}
