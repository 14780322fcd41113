/** Decisions in the log of a session that are not in the record yet. */
import { askedOf, decisionOf, type Asked } from '../../../host/session/requests/decision';
import type { NewDecision } from '../../../kernel/dispatch/newDecision';
import type { AcpEventOf } from './lines';

/** Requests that are open at once are far fewer. */
const MOST_OPEN = 1000;
/** A log is read at once where no program followed its agent. More decisions than that are not recorded. */
const MOST_PENDING = 20_000;

export class PendingDecisions {
  private readonly open = new Map<number, Asked>();
  private pending: NewDecision[] = [];

  get list(): readonly NewDecision[] {
    return this.pending;
  }

  ask({ request, at }: Pick<AcpEventOf<'asked'>, 'request' | 'at'>): void {
    if (this.open.size >= MOST_OPEN) this.open.clear();
    this.open.set(request.number, askedOf(request, at));
  }

  decide({ number, at, ...decided }: AcpEventOf<'decided'>): void {
    const asked = this.open.get(number) ?? { number, tool: 'other', subject: '', askedAt: null };
    this.open.delete(number);
    if (this.pending.length < MOST_PENDING) this.pending.push(decisionOf(asked, decided, at));
  }

  /** The first of the list are in the record. */
  forget(count: number): void {
    this.pending = this.pending.slice(count);
  }
}
