/**
 * Tasks and agents that this user has entered on this machine, or has allowed. A record comes with its folder, and may
 * contain work that another user wrote: agents start on it only after this user has seen it.
 */
import type { FolderLedger } from '../../../host/files/folderLedger';
import type { Reader } from '../../../kernel/unit';
import type { Task } from '../../../kernel/tasks/record/model';
import { listTasks } from '../../../kernel/tasks/service';

export class OwnWork {
  constructor(private readonly ledger: FolderLedger) {}

  /** Noted before the task is written, so that no window sees the task without the note. */
  noteTasks(folder: string, ids: readonly string[]): void {
    this.ledger.add(folder, ids.map(entryOf));
  }

  /** Agents of runs, which `ic run advance` starts in their phase. */
  noteAgent(folder: string, id: string): void {
    this.ledger.add(folder, [`agent ${id}`]);
  }

  isOwnAgent(folder: string, id: string): boolean {
    return this.ledger.has(folder, `agent ${id}`);
  }

  /** Tasks with work for agents that another user wrote, oldest first. */
  foreignTasks(folder: string, r: Reader): readonly Task[] {
    const isWaiting = ({ status }: Task): boolean => status === 'PLANNING' || status === 'ACTIVE';
    const tasks = [...listTasks(r)].reverse().filter(isWaiting);
    if (tasks.length === 0) return [];
    const own = this.ledger.entries(folder);
    return tasks.filter(({ id }) => !own.has(entryOf(id)));
  }
}

function entryOf(id: string): string {
  return `task ${id}`;
}
