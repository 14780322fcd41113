/**
 * Commands that change a plan by hand: what is in it, in which order, and what waits for what (`docs/design/tasks.md`).
 */
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/surfaces/commands';
import type { Subtask, Task } from '../../kernel/tasks/record/model';
import { hasStarted } from '../../kernel/tasks/subtask/subtasks';
import type { RecordSelector } from '../../services/operations/host';
import { confirm, enter } from '../../window/dialogs/ask';
import { titleProblem } from './createTask';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { oneLine, plain } from '../../window/dialogs/labels';
import { only } from '../shared/pickers';
import { literally } from '../../window/dialogs/present';
import { editInEditor } from './subtaskFiles';
import { detailsOf, pickSubtask, pickTask, type SubtaskTarget } from '../shared/taskPickers';

type PlanCommand =
  `intercore.subtask.${'add' | 'edit' | 'addDependency' | 'removeDependency' | 'moveUp' | 'moveDown' | 'remove' | 'addNote'}`;

const isOpen = ({ status }: Task): boolean => status === 'PLANNING' || status === 'ACTIVE';
const isUnstarted = (subtask: Subtask): boolean => !hasStarted(subtask);

export function planCommands(deps: CommandDeps): Pick<HandlersOf<'subtask'>, PlanCommand> {
  const { api } = deps;
  const pick = (args: RecordSelector, title: string, action: string, suits: (subtask: Subtask) => boolean) =>
    pickSubtask(deps, args, { title, action, suits });
  return {
    'intercore.subtask.add': (args) => add(deps, args),
    'intercore.subtask.edit': (args) => edit(deps, args),
    'intercore.subtask.addDependency': (args) => addDependency(deps, args),
    'intercore.subtask.removeDependency': (args) => removeDependency(deps, args),
    'intercore.subtask.moveUp': async (args) => {
      const target = await pick(args, vscode.l10n.t('Move Subtask Up'), 'move', () => true);
      return await move(deps, target, -1);
    },
    'intercore.subtask.moveDown': async (args) => {
      const target = await pick(args, vscode.l10n.t('Move Subtask Down'), 'move', () => true);
      return await move(deps, target, 1);
    },
    'intercore.subtask.remove': async (args) => {
      const { folder, subtask } = await pick(args, vscode.l10n.t('Remove Subtask'), 'remove', isUnstarted);
      await confirm(args.confirm, {
        message: literally(vscode.l10n.t('Remove “{title}” from the plan?', { title: oneLine(subtask.title) })),
        detail: vscode.l10n.t('Subtasks that depend only on it can start. Its branch, if any, is kept.'),
        verb: vscode.l10n.t('Remove'),
      });
      return await api.subtasks.remove({ folder, subtaskId: subtask.id });
    },
    'intercore.subtask.addNote': async (args) => {
      const title = vscode.l10n.t('Add Note');
      const { folder, subtask } = await pick(args, title, 'write a note on', ({ status }) => status !== 'MERGED');
      const text = args.text ?? (await enterNote(title));
      return await api.subtasks.note({ folder, subtaskId: subtask.id, text });
    },
  };
}

/** Asks for a title; the rest is written in an editor, unless the caller gave it. */
async function add(deps: CommandDeps, args: CommandArgs<'intercore.subtask.add'>): Promise<Subtask> {
  const title = vscode.l10n.t('Add Subtask');
  const { folder, task } = await pickTask(deps, args, { title, action: 'add a subtask to', suits: isOpen });
  const name = args.title ?? (await enterTitle(title));
  const subtask = await deps.api.subtasks.add({ ...args, folder, taskId: task.id, title: name });
  if (args.title === undefined) await editInEditor({ folder, subtaskId: subtask.id });
  return subtask;
}

const TEXTS = ['title', 'spec', 'implementationPlan', 'acceptanceCriteria'] as const;

/** In an editor, unless the caller gave a text. */
async function edit(deps: CommandDeps, args: CommandArgs<'intercore.subtask.edit'>): Promise<Subtask> {
  const purpose = { title: vscode.l10n.t('Edit Subtask'), action: 'edit', suits: isUnstarted };
  const { folder, subtask } = await pickSubtask(deps, args, purpose);
  if (TEXTS.some((name) => args[name] !== undefined)) {
    return await deps.api.subtasks.edit({ ...args, folder, subtaskId: subtask.id });
  }
  await editInEditor({ folder, subtaskId: subtask.id });
  return subtask;
}

/** A circle is refused by the record, which names it. */
async function addDependency(deps: CommandDeps, args: CommandArgs<'intercore.subtask.addDependency'>) {
  const title = vscode.l10n.t('Add Dependency');
  const target = await pickSubtask(deps, args, { title, action: 'let wait', suits: isUnstarted });
  const { folder, subtask } = target;
  const { dependsOn: already } = await detailsOf(deps, target);
  const others = (await deps.api.subtasks.list({ folder, taskId: subtask.taskId })).filter(
    ({ id }) => id !== subtask.id && !already.includes(id),
  );
  const placeholder = vscode.l10n.t('Select the subtask that must be merged before “{title}” starts', {
    title: oneLine(subtask.title),
  });
  const dependsOn = args.dependsOn ?? (await only(others.map(choiceOf), { title, placeholder }, 'subtask'));
  return await deps.api.subtasks.addDependency({ folder, subtaskId: subtask.id, dependsOn });
}

async function removeDependency(deps: CommandDeps, args: CommandArgs<'intercore.subtask.removeDependency'>) {
  const title = vscode.l10n.t('Remove Dependency');
  const target = await pickSubtask(deps, args, { title, action: 'free', suits: isUnstarted });
  const { folder, subtask } = target;
  const { dependsOn: ids } = await detailsOf(deps, target);
  const upstreams = (await deps.api.subtasks.list({ folder, taskId: subtask.taskId })).filter(({ id }) =>
    ids.includes(id),
  );
  const placeholder = vscode.l10n.t('Select the dependency of “{title}” to remove', { title: oneLine(subtask.title) });
  const dependsOn = args.dependsOn ?? (await only(upstreams.map(choiceOf), { title, placeholder }, 'dependency'));
  return await deps.api.subtasks.removeDependency({ folder, subtaskId: subtask.id, dependsOn });
}

/** One place up (-1) or down (1); the first and the last stay. */
async function move({ api }: CommandDeps, { folder, subtask }: SubtaskTarget, by: -1 | 1): Promise<readonly Subtask[]> {
  const all = await api.subtasks.list({ folder, taskId: subtask.taskId });
  const at = all.findIndex(({ id }) => id === subtask.id);
  if (at + by < 0 || at + by >= all.length) return all;
  // It goes before its neighbor above, or before the one after its neighbor below.
  const before = all[by < 0 ? at - 1 : at + 2]?.id ?? null;
  return await api.subtasks.reorder({ folder, subtaskId: subtask.id, before });
}

function choiceOf(subtask: Subtask) {
  const description = `${subtask.blockedReason ?? subtask.status} · ${subtask.id}`;
  return { label: plain(subtask.title), description, value: subtask.id as string };
}

async function enterTitle(title: string): Promise<string> {
  const placeholder = vscode.l10n.t('What should the subtask do, in one line?');
  return await enter({
    title,
    placeholder,
    problem: titleProblem,
  });
}

async function enterNote(title: string): Promise<string> {
  return await enter({
    title,
    placeholder: vscode.l10n.t('Note for the next agent or person who works on it'),
    problem: (text) => (text.trim() === '' ? vscode.l10n.t('Enter a note.') : undefined),
  });
}
