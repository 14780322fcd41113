/** The state of the page and of the person's actions. It notifies its listeners of every change. */
import type {
  BoardAction,
  BoardCard,
  BoardCommand,
  BoardDetail,
  BoardEvent,
  BoardOffer,
  BoardView,
  DetailTarget,
} from '../../../contract/pages/board';
import type { BoardTexts } from '../../../contract/pages/boardTexts';
import { EVERYTHING } from '../../../contract/pages/board';
import { Announcer } from './announcer';
import { columnsOf, reordered, type ColumnContents } from './columns';
import { applied, restanding, stateOf, type BoardState } from './state';

/** The way to the extension. */
export interface Wire {
  send(event: BoardEvent): void;
}

/** The subject of a request, so that its button waits and its failure is shown next to it. */
export interface Asked {
  /** A task, a subtask, an attempt, or the board itself (empty). */
  readonly about: string;
  readonly what: string;
}

interface Move {
  readonly request: number;
  readonly taskId: string;
  readonly ids: readonly string[];
}

export class BoardStore {
  state: BoardState | undefined;
  view: BoardView = EVERYTHING;
  /** What is open beside the board. */
  target: DetailTarget | undefined;
  /** Null: it is gone; undefined: it is on its way. */
  detail: BoardDetail | null | undefined;
  /** By what they are about. */
  readonly problems = new Map<string, string>();
  readonly announcer: Announcer;
  private readonly asked = new Map<number, Asked>();
  private moves: readonly Move[] = [];
  private requests = 0;
  private columns: { readonly key: readonly unknown[]; readonly contents: readonly ColumnContents[] } | undefined;

  constructor(
    private readonly wire: Wire,
    texts: BoardTexts,
    private readonly changed: () => void,
  ) {
    this.announcer = new Announcer(texts, changed);
  }

  receive(command: BoardCommand): void {
    switch (command.type) {
      case 'snapshot':
        this.state = stateOf(command);
        this.view = command.view;
        if (this.target !== undefined) this.wire.send({ type: 'look', target: this.target });
        break;
      case 'delta':
        this.apply(command);
        break;
      case 'detail':
        if (isSame(command.target, this.target)) this.detail = command.detail;
        break;
      case 'settled':
        this.settle(command.request, command.problem);
        break;
    }
    this.changed();
  }

  look(view: Partial<BoardView>): void {
    this.view = { ...this.view, ...view };
    this.wire.send({ type: 'view', view: this.view });
    this.changed();
  }

  open(target: DetailTarget | undefined): void {
    if (isSame(target, this.target)) return;
    this.target = target;
    this.detail = undefined;
    this.wire.send({ type: 'look', target: target ?? null });
    this.changed();
  }

  act(action: BoardAction, target: DetailTarget): void {
    const request = this.ask({ about: target.id, what: action });
    if (request !== undefined) this.wire.send({ type: 'act', request, action, target });
  }

  offer(offer: BoardOffer): void {
    const request = this.ask({ about: '', what: offer });
    if (request !== undefined) this.wire.send({ type: 'offer', request, offer });
  }

  checkAttempt(what: 'log' | 'prompt', dispatchId: string): void {
    const request = this.ask({ about: dispatchId, what });
    if (request !== undefined) this.wire.send({ type: 'attempt', request, what, dispatchId });
  }

  /** Shows the card in its new place at once, and where it was again should the kernel refuse. */
  move(card: BoardCard, between: { readonly after: string | null; readonly before: string | null }): void {
    const ids = this.orderOf(card.taskId);
    // A card may be moved on before the kernel has answered: the moves are done one after the other.
    const request = this.begin({ about: card.id, what: 'move' });
    this.moves = [...this.moves, { request, taskId: card.taskId, ids: reordered(ids, card.id, between) }];
    this.wire.send({ type: 'move', request, subtaskId: card.id, ...between });
    this.changed();
  }

  isAsked(about: string, what: string): boolean {
    return [...this.asked.values()].some((one) => one.about === about && one.what === what);
  }

  dismiss(about: string): void {
    this.problems.delete(about);
    this.changed();
  }

  /** The columns as they are now; the same object as long as nothing in them differs. */
  contents(): readonly ColumnContents[] {
    const { state, view, moves } = this;
    if (state === undefined) return [];
    const key = [state, view, moves];
    if (this.columns?.key.every((part, index) => part === key[index]) !== true) {
      const overrides = new Map(moves.map(({ taskId, ids }) => [taskId, ids]));
      this.columns = { key, contents: columnsOf(state, view, overrides) };
    }
    return this.columns.contents;
  }

  private orderOf(taskId: string): readonly string[] {
    return this.moves.findLast((move) => move.taskId === taskId)?.ids ?? this.state?.orders.get(taskId) ?? [];
  }

  private apply(delta: Extract<BoardCommand, { type: 'delta' }>): void {
    const { state } = this;
    // A page that has no snapshot yet has asked for one, and so has one that missed something.
    if (state === undefined || delta.seq <= state.seq) return;
    const now = applied(state, delta);
    if (now === undefined) {
      this.wire.send({ type: 'resync' });
      return;
    }
    this.state = now;
    this.announcer.changed(restanding(state, now, delta));
  }

  /** Undefined where the same is under way. */
  private ask(asked: Asked): number | undefined {
    return this.isAsked(asked.about, asked.what) ? undefined : this.begin(asked);
  }

  private begin(asked: Asked): number {
    this.requests += 1;
    this.asked.set(this.requests, asked);
    this.problems.delete(asked.about);
    this.changed();
    return this.requests;
  }

  private settle(request: number, problem: string): void {
    const asked = this.asked.get(request);
    if (asked === undefined) return;
    this.asked.delete(request);
    this.moves = this.moves.filter((move) => move.request !== request);
    if (problem !== '') this.problems.set(asked.about, problem);
  }
}

function isSame(one: DetailTarget | undefined, other: DetailTarget | undefined): boolean {
  return one?.kind === other?.kind && one?.id === other?.id;
}
