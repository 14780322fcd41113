/** The *Tasks* view with the text next to its title: who makes agents work. */
import type { LeaderState } from '../../contract/results/tasks';
import type { Leader } from '../../services/tasks/leader';
import { VIEWS } from '../../contract/views';
import type { Log } from '../../host/log';
import type { Disposable } from '../../kernel/emitter';
import { DeferredUpdate } from '../rows/deferredUpdate';
import { leadMessage } from '../projections/task/leadMessage';
import type { ViewContext } from '../projections/viewContext';
import { TasksProjection } from '../projections/task/tasks';
import type { RowRef } from '../rows/row';
import { WithUnreadableRows } from '../projections/unreadableRows';
import { RecordTree } from './tree';
import type { Problem } from '../../kernel/errors/reasons/problem';

/** What the views know of the task services of the window. */
export interface TaskView {
  /** Attempts of an agent before a person has to act. */
  maxAttempts(folder: string): number;
  /** Whether a clone or worktree is recorded elsewhere, as far as it has been checked. */
  isElsewhere(place: string): boolean;
  /** Why a worktree cannot be seen, as far as that has been checked. */
  unseen(place: string): Problem<'WORKTREE_UNSEEN'> | undefined;
  /** Whether work on a subtask waits until other heavy work of this window is done. */
  waitsForTurn(subtaskId: string): boolean;
  leaderState(folder: string): LeaderState;
  /** Who does it instead of this window, where that is known. */
  leader(folder: string): Leader | undefined;
  onDidChange(listener: () => void): Disposable;
}

export class TasksTree {
  private readonly tree: RecordTree;
  private readonly header: DeferredUpdate;

  constructor(
    private readonly context: ViewContext,
    log: Log,
    private readonly tasks: TaskView,
  ) {
    this.tree = new RecordTree(
      VIEWS.tasks,
      new WithUnreadableRows(context, new TasksProjection(context), ['projects', 'tasks', 'subtasks']),
      log.scope('tasks'),
    );
    this.header = new DeferredUpdate(log, VIEWS.tasks, () => this.drawHeader());
    this.header.schedule();
  }

  /** Notes that a record, or who makes agents work, changed. */
  changed(): void {
    this.tree.changed();
    this.header.schedule();
  }

  /** Selects the first row that is wanted and takes the focus there; false where there is none. */
  reveal(isWanted: (ref: RowRef) => boolean): Promise<boolean> {
    return this.tree.reveal(isWanted, true);
  }

  dispose(): void {
    this.header.dispose();
    this.tree.dispose();
  }

  private drawHeader(): void {
    this.tree.view.message = leadMessage(this.context, (folder) => this.tasks.leader(folder));
  }
}
