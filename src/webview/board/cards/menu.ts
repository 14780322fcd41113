/** What VS Code needs to know of a card to show our commands in its menu, by mouse or by the menu key (`package.json`). */
import { CARD_KEY, type BoardCard, type BoardTask } from '../../../contract/pages/board';

/** The commands are called with this as with a row of a view: they take from it which task or subtask they are for. */
export function menuOf(kind: 'task' | 'subtask', folder: string, { id, actions }: BoardCard | BoardTask) {
  const row = { kind, id, folder, ...(kind === 'task' ? { taskId: id } : { subtaskId: id }) };
  const card = `${kind}${actions.map((action) => `+${action}`).join('')}+`;
  const context = { ...row, [CARD_KEY]: card, preventDefaultContextMenuItems: true };
  return { 'data-vscode-context': JSON.stringify(context) };
}
