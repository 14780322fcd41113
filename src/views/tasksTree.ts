/** The *Tasks* view with what stands beside its title: who makes agents work. */
import * as vscode from 'vscode';
import type { VillageStanding } from '../contract/village';
import { machineName } from '../host/processIdentity';
import type { Leader } from '../services/village/leader';
import { VIEWS } from '../contract/views';
import type { Log } from '../host/log';
import type { Disposable } from '../kernel/emitter';
import { NextTurn } from './nextTurn';
import type { Scene } from './projections/scene';
import { TasksProjection } from './projections/tasks';
import type { RowRef } from './row';
import { RecordTree } from './tree';

/** What the views are told of the villages of the window. */
export interface VillageView {
  /** Attempts of an agent before a person has to look. */
  maxAttempts(folder: string): number;
  /** Whether a clone or worktree is recorded elsewhere, as far as it has been checked. */
  isElsewhere(place: string): boolean;
  standing(folder: string): VillageStanding;
  /** Who does it instead of this window, where that is known. */
  leader(folder: string): Leader | undefined;
  onDidChange(listener: () => void): Disposable;
}

export class TasksTree {
  private readonly tree: RecordTree;
  private readonly header: NextTurn;

  constructor(
    private readonly scene: Scene,
    log: Log,
    private readonly village: VillageView,
  ) {
    this.tree = new RecordTree(VIEWS.tasks, new TasksProjection(scene), log.scope('tasks'));
    this.header = new NextTurn(log, VIEWS.tasks, () => this.drawHeader());
    this.header.schedule();
  }

  /** Says that a record, or who makes agents work, changed. */
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
    this.tree.view.message = this.message();
  }

  private followingWords(name: string, leader: Leader | undefined): string {
    if (leader?.program !== 'ic lead') {
      return vscode.l10n.t('Another window makes agents work on the tasks of {0}.', name);
    }
    const { pid, machine } = leader;
    return machine === machineName()
      ? vscode.l10n.t('The tasks of {0} are led by ic lead, pid {1} on this machine.', name, pid)
      : vscode.l10n.t('The tasks of {0} are led by ic lead, pid {1} on {2}.', name, pid, machine);
  }

  /** Why nothing begins in a folder with open tasks, where it is not this window that makes agents work. */
  private message(): string {
    const lines = this.scene.records().flatMap((record) => {
      if (!record.isReadable || record.village.tasks().every(({ status }) => status === 'DONE')) return [];
      const name = this.scene.nameOf(record.folder);
      switch (this.village.standing(record.folder)) {
        case 'following':
          return [this.followingWords(name, this.village.leader(record.folder))];
        case 'forbidden':
          return [
            vscode.l10n.t('Agents wait in {0} until you allow them: retry or start something to be asked.', name),
          ];
        case 'off':
        case 'leading':
          return [];
      }
    });
    return lines.join(' ');
  }
}
