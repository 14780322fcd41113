/** The board of one folder as it stands: a projection of its record (design §10). What did not change is not made anew. */
import type { BoardCard, BoardHead, BoardNotice, BoardOrder, BoardTask } from '../../contract/board';
import { KernelError } from '../../kernel/errors';
import type { Task } from '../../kernel/village/model';
import type { FolderRecord } from '../projections/folderRecord';
import { explain } from '../projections/folderRow';
import type { Scene } from '../projections/scene';
import { taskBudget } from './boardBudget';
import { subtaskCard, taskCard } from './boardCards';

/** A task with its cards. The same object as before means that nothing in it changed. */
export interface TaskPart {
  readonly task: BoardTask;
  readonly order: BoardOrder;
  readonly cards: readonly BoardCard[];
}

export interface Board {
  readonly head: BoardHead;
  /** Those being planned, then those at work, then those done; newest first in each. */
  readonly parts: readonly TaskPart[];
}

interface Known {
  /** The rows that the part was made from; the record keeps a row's object until the row changes. */
  readonly rows: readonly unknown[];
  readonly part: TaskPart;
}

const GROUPS: readonly (readonly Task['status'][])[] = [['PLANNING', 'PLANNING_FAILED'], ['ACTIVE'], ['DONE']];

export class BoardModel {
  private known: ReadonlyMap<string, Known> = new Map();

  constructor(private readonly scene: Scene) {}

  /** `record` undefined: the folder is not open any more. */
  board(record: FolderRecord | undefined): Board {
    if (record?.isReadable !== true) return { head: this.head(record), parts: [] };
    const list = record.village.list();
    if (list instanceof KernelError) return { head: this.head(record, list), parts: [] };
    const tasks = GROUPS.flatMap((statuses) => list.tasks.filter(({ status }) => statuses.includes(status)));
    const known = new Map(tasks.map((task) => [task.id, this.part(record, task)]));
    this.known = known;
    return { head: this.head(record), parts: [...known.values()].map(({ part }) => part) };
  }

  private part(record: FolderRecord, task: Task): Known {
    const rows = rowsOf(this.scene, record, task);
    const known = this.known.get(task.id);
    if (known !== undefined && isSame(known.rows, rows)) return known;
    const source = { scene: this.scene, record, task };
    const { subtasks } = record.village.contentsOf(task);
    const cards = subtasks.flatMap((subtask) => subtaskCard(source, subtask) ?? []);
    const order = { taskId: task.id, ids: cards.map(({ id }) => id) };
    return { rows, part: { task: taskCard(source), order, cards } };
  }

  private head(record: FolderRecord | undefined, problem?: KernelError): BoardHead {
    return {
      title: record === undefined ? '' : this.scene.nameOf(record.folder),
      folder: record?.folder ?? '',
      isWritable: record?.isWritable === true,
      notices: noticesOf(this.scene, record, problem),
    };
  }
}

/** All that a task's cards are made from, in an order that does not matter. */
function rowsOf(scene: Scene, record: FolderRecord, task: Task): readonly unknown[] {
  const contents = record.village.contentsOf(task);
  const owners = [null, ...contents.subtasks.map(({ id }) => id)];
  const dispatches = owners.flatMap((owner) =>
    contents.attempts(owner).map(({ dispatchId }) => (dispatchId === null ? null : record.dispatches.get(dispatchId))),
  );
  // A list of tasks that was read anew holds other objects for equal tasks, so a task goes by what is in it.
  const { title, description, status, planningError, autoStart } = task;
  const facts = [title, description, status, planningError, autoStart];
  const budget = taskBudget(record, task);
  const elsewhere = contents.subtasks.map(
    ({ worktreePath }) => worktreePath !== null && scene.isElsewhere(worktreePath),
  );
  const shared = [record.isWritable, scene.maxAttempts(record.folder), contents, budget];
  return [...shared, ...facts, ...dispatches, ...elsewhere];
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((row, index) => row === other[index]);
}

function noticesOf({ l10n }: Scene, record: FolderRecord | undefined, problem: KernelError | undefined): BoardNotice[] {
  if (record === undefined) return [{ tone: 'warning', text: l10n.t('This folder is not open any more.') }];
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

function readyNotices(l10n: Scene['l10n'], record: FolderRecord): BoardNotice[] {
  if (!record.isWritable) {
    return [{ tone: 'info', text: l10n.t('This window is not trusted, so nothing can be changed here.') }];
  }
  if (record.village.projects().length === 0) {
    return [{ tone: 'info', text: l10n.t('Agents need a project to work on.'), offer: 'useFolder' }];
  }
  if (record.village.tasks().length === 0) {
    return [{ tone: 'info', text: l10n.t('No tasks yet: say what is to be done.'), offer: 'createTask' }];
  }
  return [];
}
