/**
 * The board of one folder as it stands: a projection of its record (`docs/design/editor.md#changes`). What did not
 * change is not made again.
 */
import type { BoardCard, BoardHead, BoardNotice, BoardOrder, BoardTask } from '../../contract/pages/board';
import type { Steps } from '../../host/turns';
import type { Dispatch } from '../../kernel/dispatch/model';
import { KernelError } from '../../kernel/errors/errors';
import type { Problem } from '../../kernel/errors/reasons/problem';
import type { AgentRun, Task } from '../../kernel/tasks/record/model';
import type { FolderRecord } from '../projections/record/folderRecord';
import { explain } from '../projections/folderRow';
import { planWaiting, subtaskWaiting, waitingWord } from '../projections/heldWords';
import { agentOf } from '../projections/needs';
import type { ViewContext } from '../projections/viewContext';
import { unreadableLines } from '../projections/unreadableRows';
import type { SubtaskPart } from '../projections/record/subtaskParts';
import type { TaskContents } from '../projections/record/taskContents';
import { taskBudget } from './boardBudget';
import { subtaskCard, taskCard, type CardSource } from './boardCards';

/** A task with its cards. The same object as before means that nothing in it changed. */
export interface TaskPart {
  readonly task: BoardTask;
  readonly order: BoardOrder;
  readonly cards: readonly BoardCard[];
}

export interface Board {
  readonly head: BoardHead;
  /** Those being planned, then those that run, then those done; newest first in each. */
  readonly parts: readonly TaskPart[];
}

/** What a card was made from; the record keeps an object until what it holds changes. */
interface CardSources {
  readonly part: SubtaskPart;
  readonly upstreams: readonly SubtaskPart[];
  readonly dispatchIds: readonly string[];
  readonly dispatches: readonly (Dispatch | undefined)[];
  readonly isElsewhere: boolean;
  readonly unseen: Problem<'WORKTREE_UNSEEN'> | undefined;
  /** The text of a countdown changes each minute. */
  readonly waiting: string | undefined;
  readonly waitsForTurn: boolean;
  /** The request of its agent. */
  readonly request: string | undefined;
}

interface KnownCard {
  readonly sources: CardSources;
  readonly card: BoardCard | undefined;
}

interface KnownTask {
  /** What all its cards are made from beside their own. */
  shared: readonly unknown[];
  readonly cards: Map<string, KnownCard>;
  /** What its own card and the part were made from. */
  sources: readonly unknown[];
  part: TaskPart | undefined;
}

/** Subtasks that are read, and made cards of, in one step. */
const CHUNK = 50;

const GROUPS: readonly (readonly Task['status'][])[] = [['PLANNING', 'PLANNING_FAILED'], ['ACTIVE'], ['DONE']];

export class BoardModel {
  private readonly known = new Map<string, KnownTask>();

  constructor(private readonly context: ViewContext) {}

  /** Reads what a first board shows, and makes its cards: `board` then makes only what changed meanwhile. */
  *prepare(record: FolderRecord | undefined): Steps<void> {
    const tasks = tasksOf(record);
    for (const { id } of tasks instanceof KernelError ? [] : tasks) {
      for (let from = 0; this.makeChunk(record, id, from); from += CHUNK) yield;
    }
  }

  /** `record` undefined: the folder is not open any more. */
  board(record: FolderRecord | undefined): Board {
    if (record?.isReadable !== true) return { head: this.head(record), parts: [] };
    const tasks = tasksOf(record);
    if (tasks instanceof KernelError) return { head: this.head(record, tasks), parts: [] };
    const parts = tasks.map((task) => this.part({ context: this.context, record, task }));
    const present = new Set<string>(tasks.map(({ id }) => id));
    for (const id of this.known.keys()) if (!present.has(id)) this.known.delete(id);
    return { head: this.head(record), parts };
  }

  /** False where there are no more subtasks: between two steps a task may change, or the folder be closed. */
  private makeChunk(record: FolderRecord | undefined, taskId: string, from: number): boolean {
    const task = record?.isReadable === true ? record.tasks.task(taskId) : undefined;
    if (record === undefined || task === undefined) return false;
    const ids = record.tasks.contentsOf(task).ids.slice(from, from + CHUNK);
    this.makeCards({ context: this.context, record, task }, ids);
    return ids.length > 0;
  }

  private part(source: CardSource): TaskPart {
    const { context, record, task } = source;
    const { ids } = record.tasks.contentsOf(task);
    const known = this.makeCards(source, ids);
    const waiting = waitingWord(context, planWaiting(context, record, task));
    const request = context.requestOf({ taskId: task.id })?.id;
    const sources = [...known.shared, ...taskSources(record, task), waiting, request];
    const before = known.part;
    const cards = ids.flatMap((id) => known.cards.get(id)?.card ?? []);
    if (before !== undefined && isSame(before.cards, cards) && isSame(known.sources, sources)) return before;
    if (known.cards.size > ids.length) {
      const present = new Set(ids);
      for (const id of known.cards.keys()) if (!present.has(id)) known.cards.delete(id);
    }
    const shown = cards.map(({ id }) => id);
    // The same object as before means that no card came, went, or moved.
    const order =
      before !== undefined && isSame(before.order.ids, shown) ? before.order : { taskId: task.id, ids: shown };
    known.sources = sources;
    return (known.part = { task: taskCard(source), order, cards });
  }

  /** Makes the cards of these subtasks that are not known, or whose sources changed. */
  private makeCards(source: CardSource, ids: readonly string[]): KnownTask {
    const { context, record, task } = source;
    const known: KnownTask = this.known.get(task.id) ?? { shared: [], cards: new Map(), sources: [], part: undefined };
    this.known.set(task.id, known);
    const shared = [record.isWritable, context.maxAttempts(record.folder), task.id];
    if (!isSame(known.shared, shared)) {
      known.cards.clear();
      known.shared = shared;
    }
    const contents = record.tasks.contentsOf(task);
    const unknown = ids.filter((id) => !known.cards.has(id));
    contents.readAhead(unknown);
    contents.readAhead(unknown.flatMap((id) => contents.part(id).dependsOn));
    record.dispatches.readAhead(unknown.flatMap((id) => dispatchesOf(contents.attempts(id))));
    for (const id of ids) {
      const before = known.cards.get(id);
      if (before !== undefined && isCurrent(source, contents, id, before.sources)) continue;
      const sources = cardSources(source, contents, id);
      const { subtask } = sources.part;
      known.cards.set(id, { sources, card: subtask && subtaskCard(source, subtask) });
    }
    return known;
  }

  private head(record: FolderRecord | undefined, problem?: KernelError): BoardHead {
    return {
      title: record === undefined ? '' : this.context.nameOf(record.folder),
      folder: record?.folder ?? '',
      isWritable: record?.isWritable === true,
      notices: [...noticesOf(this.context, record, problem), ...unreadableNotices(this.context, record)],
    };
  }
}

/** Those being planned first. Where they cannot be read, why. */
function tasksOf(record: FolderRecord | undefined): readonly Task[] | KernelError {
  const list = record?.isReadable === true ? record.tasks.list() : undefined;
  if (list === undefined || list instanceof KernelError) return list ?? [];
  return GROUPS.flatMap((statuses) => list.tasks.filter(({ status }) => statuses.includes(status)));
}

function cardSources(source: CardSource, contents: TaskContents, id: string): CardSources {
  const { record } = source;
  const part = contents.part(id);
  const dispatchIds = dispatchesOf(part.attempts);
  return {
    part,
    upstreams: part.dependsOn.map((upstream) => contents.part(upstream)),
    dispatchIds,
    dispatches: dispatchIds.map((dispatch) => record.dispatches.get(dispatch)),
    ...ownSources(source, part),
  };
}

/** Whether `cardSources` would give the same. Nothing is made here: a board has thousands of cards. */
function isCurrent(source: CardSource, contents: TaskContents, id: string, known: CardSources): boolean {
  const { part, upstreams, dispatchIds, dispatches } = known;
  if (contents.part(id) !== part) return false;
  if (!part.dependsOn.every((upstream, index) => contents.part(upstream) === upstreams[index])) return false;
  if (!dispatchIds.every((dispatch, index) => source.record.dispatches.get(dispatch) === dispatches[index]))
    return false;
  const own = ownSources(source, part);
  return (
    own.isElsewhere === known.isElsewhere &&
    own.unseen?.text === known.unseen?.text &&
    own.waiting === known.waiting &&
    own.waitsForTurn === known.waitsForTurn &&
    own.request === known.request
  );
}

/** What may change while the record does not. */
function ownSources(
  { context, record, task }: CardSource,
  { subtask }: SubtaskPart,
): Pick<CardSources, 'isElsewhere' | 'unseen' | 'waiting' | 'waitsForTurn' | 'request'> {
  const place = subtask?.worktreePath ?? null;
  return {
    isElsewhere: place !== null && context.isElsewhere(place),
    unseen: place === null ? undefined : context.unseen(place),
    waiting: subtask && waitingWord(context, subtaskWaiting(context, record, task, subtask)),
    waitsForTurn: subtask !== undefined && context.waitsForTurn(subtask.id),
    request: subtask && context.requestOf(agentOf(subtask))?.id,
  };
}

/** What its own card is made from beside those of its subtasks; a task goes by what is in it. */
function taskSources(record: FolderRecord, task: Task): readonly unknown[] {
  const contents = record.tasks.contentsOf(task);
  const { title, description, status, planningError, autoStart, firstAttempt } = task;
  const { all, merged } = contents.counts;
  const attempts = contents.attempts(null);
  return [
    title,
    description,
    status,
    planningError,
    autoStart,
    firstAttempt,
    all,
    merged,
    contents.tokens,
    taskBudget(record, task),
    contents.failure(null),
    attempts.length,
    attempts[0]?.status,
    attempts[0]?.dispatchId,
  ];
}

function dispatchesOf(attempts: readonly AgentRun[]): string[] {
  return attempts.flatMap(({ dispatchId }) => dispatchId ?? []);
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((row, index) => row === other[index]);
}

function noticesOf(
  { l10n }: ViewContext,
  record: FolderRecord | undefined,
  problem: KernelError | undefined,
): BoardNotice[] {
  if (record === undefined) return [{ tone: 'warning', text: l10n.t('This folder is no longer open.') }];
  if (problem !== undefined) return [{ tone: 'warning', text: explain(l10n, problem) }];
  const { state } = record.source;
  switch (state.kind) {
    case 'loading':
      return [{ tone: 'info', text: l10n.t('Reading the record…') }];
    case 'missing':
      return [{ tone: 'info', text: l10n.t('This folder has no record yet.'), offer: 'useFolder' }];
    case 'failed':
      return [{ tone: 'warning', text: explain(l10n, state.error) }];
    case 'readOnly':
      return [{ tone: 'info', text: l10n.t('The record is read-only, so nothing can be changed here.') }];
    case 'ready':
      return readyNotices(l10n, record);
  }
}

function unreadableNotices({ l10n }: ViewContext, record: FolderRecord | undefined): BoardNotice[] {
  const text = unreadableLines(l10n, record?.unreadable() ?? []).join('\n');
  return text === '' ? [] : [{ tone: 'warning', text }];
}

function readyNotices(l10n: ViewContext['l10n'], record: FolderRecord): BoardNotice[] {
  if (!record.isWritable) {
    return [{ tone: 'info', text: l10n.t('This window is not trusted, so nothing can be changed here.') }];
  }
  if (record.tasks.projects().length === 0) {
    return [{ tone: 'info', text: l10n.t('Agents need a project to work on.'), offer: 'useFolder' }];
  }
  if (record.tasks.tasks().length === 0) {
    return [{ tone: 'info', text: l10n.t('No tasks yet. Create one to get started.'), offer: 'createTask' }];
  }
  return [];
}
