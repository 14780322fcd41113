/** What the buttons of the board do: each is one of our commands, called as a program calls it. */
import type { BoardAction, BoardEvent, BoardOffer } from '../../contract/pages/board';
import type { CommandId } from '../../contract/surfaces/commands';

/** A command and its arguments. */
export interface Call {
  readonly command: CommandId;
  readonly args: Readonly<Record<string, string | null>>;
}

const OF_SUBTASK: Readonly<Partial<Record<BoardAction, CommandId>>> = {
  answer: 'intercore.session.answer',
  start: 'intercore.subtask.start',
  stop: 'intercore.subtask.stop',
  resumeAccount: 'intercore.account.resume',
  pauseAccount: 'intercore.account.pause',
  retry: 'intercore.subtask.retry',
  retrySetup: 'intercore.subtask.retrySetup',
  merge: 'intercore.subtask.merge',
  retryPullRequest: 'intercore.subtask.retryPullRequest',
  markMerged: 'intercore.subtask.markMerged',
  openPullRequest: 'intercore.subtask.openPullRequest',
  showChanges: 'intercore.subtask.showChanges',
  showLog: 'intercore.subtask.showLog',
  showPrompt: 'intercore.subtask.showPrompt',
  openWorktree: 'intercore.subtask.openWorktree',
  cleanUp: 'intercore.worktree.cleanUp',
  trustLocation: 'intercore.subtask.trustLocation',
  copyBranch: 'intercore.subtask.copyBranch',
  showReport: 'intercore.subtask.show',
};

const OF_TASK: Readonly<Partial<Record<BoardAction, CommandId>>> = {
  answer: 'intercore.session.answer',
  retryPlanning: 'intercore.task.retryPlanning',
  stopPlanning: 'intercore.task.stopPlanning',
  resumeAccount: 'intercore.account.resume',
  pauseAccount: 'intercore.account.pause',
  toggleAutoStart: 'intercore.task.toggleAutoStart',
  showLog: 'intercore.task.showLog',
  showPrompt: 'intercore.task.showPrompt',
  showReport: 'intercore.task.show',
  delete: 'intercore.task.delete',
};

const OFFERS: Readonly<Record<BoardOffer, (folder: string) => Call>> = {
  createTask: (folder) => ({ command: 'intercore.task.create', args: { folder } }),
  useFolder: (folder) => ({ command: 'intercore.project.useFolder', args: { folder } }),
  addProject: () => ({ command: 'intercore.project.addFromGitHub', args: {} }),
};

/** The command of a request; undefined for an action that its target does not have. */
export function callOf(
  folder: string,
  event: Extract<BoardEvent, { type: 'act' | 'attempt' | 'offer' }>,
): Call | undefined {
  switch (event.type) {
    case 'offer':
      return OFFERS[event.offer](folder);
    case 'attempt': {
      const command = event.what === 'log' ? 'intercore.dispatch.showLog' : 'intercore.dispatch.openPrompt';
      return { command, args: { folder, dispatchId: event.dispatchId } };
    }
    case 'act': {
      const { kind, id } = event.target;
      const command = (kind === 'task' ? OF_TASK : OF_SUBTASK)[event.action];
      return command && { command, args: { folder, ...(kind === 'task' ? { taskId: id } : { subtaskId: id }) } };
    }
  }
}
