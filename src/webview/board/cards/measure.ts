/** The height of a card before it is drawn. Only visible cards are drawn, so the others are calculated. */
import type { BoardAction, BoardCard } from '../../../contract/pages/board';
import type { Item } from '../model/columns';

/** In pixels; the style sheet has the same figures in lines and fixed paddings. */
const PADDING = 10;
const BORDERS = 2;
const ROW_GAP = 4;
const BUTTONS = 24;
const SIGN = 22;
/** Before a reason. */
const RULE = 9;
const HEADING = 6;
const MOST_LINES = 2;

export interface Metrics {
  /** Height of a line of text. */
  readonly line: number;
  /** Width of a column's cards. */
  readonly width: number;
  readonly font: string;
  /** The cards say which task they are of. */
  readonly showsTask: boolean;
}

export class Measure {
  private readonly context = document.createElement('canvas').getContext('2d');
  private readonly widths = new Map<string, number>();
  /** A card that did not change is the same object. */
  private readonly heights = new WeakMap<BoardCard, number>();

  constructor(readonly metrics: Metrics) {
    if (this.context !== null) this.context.font = metrics.font;
  }

  heightOf(item: Item, hasProblem: boolean): number {
    const { line } = this.metrics;
    if (item.kind === 'heading') return line + HEADING;
    if (hasProblem) return this.cardHeight(item.card, true);
    const height = this.heights.get(item.card) ?? this.cardHeight(item.card, false);
    this.heights.set(item.card, height);
    return height;
  }

  private cardHeight(card: BoardCard, hasProblem: boolean): number {
    const { line, width, showsTask } = this.metrics;
    const inner = width - 2 * PADDING - BORDERS;
    const rows = [
      this.lines(card.title, inner - SIGN, card.status !== 'merged') * line,
      ...(showsTask ? [line] : []),
      ...(hasFacts(card) ? [line] : []),
      ...(card.reason === '' ? [] : [this.lines(card.reason, inner - RULE, false) * line]),
      ...(buttonsOf(card).length === 0 ? [] : [BUTTONS]),
      ...(hasProblem ? [4 * line] : []),
    ];
    return rows.reduce((sum, row) => sum + row, 2 * PADDING + BORDERS) + ROW_GAP * (rows.length - 1);
  }

  /** One or two: what is longer is cut. */
  private lines(text: string, width: number, isStrong: boolean): number {
    const key = isStrong ? `strong ${text}` : text;
    const known = this.widths.get(key);
    const measured = known ?? this.widthOf(text, isStrong);
    if (known === undefined) this.widths.set(key, measured);
    return measured > width ? MOST_LINES : 1;
  }

  private widthOf(text: string, isStrong: boolean): number {
    if (this.context === null) return Number.POSITIVE_INFINITY;
    this.context.font = isStrong ? `600 ${this.metrics.font}` : this.metrics.font;
    return this.context.measureText(text).width;
  }
}

/** Cards whose column does not show their state: what is blocked, and what waits for a person. */
const SAYING_STATE: ReadonlySet<BoardCard['status']> = new Set<BoardCard['status']>([
  ...(['waiting', 'broken', 'stageHeld', 'held'] as const),
]);

export function saysState({ status }: BoardCard): boolean {
  return SAYING_STATE.has(status);
}

export function hasFacts(card: BoardCard): boolean {
  return card.facts.length > 0 || saysState(card);
}

/** What can be done from the card itself; the details offer the rest. */
const CARD_ACTIONS = [
  'answer',
  'start',
  'resumeAccount',
  'retry',
  'retrySetup',
  'stop',
  'retryPullRequest',
  'merge',
  'openPullRequest',
  'showChanges',
  'showLog',
] as const;

/** Completed and merged cards stay small: their log matters little. */
export function buttonsOf({ actions, status }: BoardCard): readonly BoardAction[] {
  const offered = CARD_ACTIONS.filter((action) => actions.includes(action));
  if (status === 'held') return offered.filter((action) => action !== 'stop');
  if (status === 'merged') return offered.filter((action) => action === 'openPullRequest');
  return status === 'completed' ? offered.filter((action) => action !== 'showLog') : offered;
}
