/**
 * Create Task: one text, whose first line is the title. The project and when workers start are remembered; both are rows
 * that can be changed.
 */
import { inWords } from '../../kernel/errors/reasons/fill';
import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/surfaces/commands';
import { defined } from '../../kernel/defined';
import type { PermissionPolicy } from '../../kernel/dispatch/permissionPolicy';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { because, foreignText } from '../../kernel/errors/reasons/problem';
import { kindsOfTask } from '../../kernel/tasks/subtask/neededAgent';
import { MAX_TITLE_LENGTH, type Task } from '../../kernel/tasks/record/model';
import { shortened } from '../../kernel/text/storableText';
import { unaskedKinds } from '../../services/dispatch/start/sessionStart';
import { choose, Dismissed } from '../../window/dialogs/ask';
import { editorRows, fillIn, type FormRow } from '../../window/dialogs/form';
import type { CommandDeps } from '../shared/deps';
import { plain } from '../../window/dialogs/labels';
import { choosePolicy, policyRow } from '../shared/policyChoice';
import { pickProject, projectChoices, type ProjectTarget } from '../shared/taskPickers';

type Args = Omit<CommandArgs<'intercore.task.create'>, 'confirm'>;

/** What the person chose last in this workspace. */
const LAST_PROJECT = 'intercore.task.lastProject';
const LAST_START = 'intercore.task.lastStart';

/** Asks for what the caller left out; a title with a description is enough. */
export async function createTask(
  deps: CommandDeps,
  { confirm, ...args }: CommandArgs<'intercore.task.create'>,
): Promise<Task> {
  const isGiven = args.title !== undefined && args.description !== undefined;
  const target = isGiven ? await pickProject(deps, args, purpose()) : await usualProject(deps, args);
  const asked = isGiven ? { target, text: '', autoStart: args.autoStart } : await ask(deps, args, target);
  const { folder, project } = asked.target;
  const { autoStart, permissions = args.permissions } = asked;
  await deps.host.taskServices.allowAgents(folder, confirm);
  return await deps.api.tasks.create({
    ...args,
    title: args.title ?? titleOf(asked.text),
    description: args.description ?? asked.text,
    ...defined({ autoStart, permissions }),
    folder,
    projectId: project.id,
  });
}

const title = () => vscode.l10n.t('Create Task');
const purpose = () => ({ title: title(), action: 'create a task in' });

/** The project of the last task if it can be chosen, else the only one or the one picked. */
async function usualProject(deps: CommandDeps, args: Args): Promise<ProjectTarget> {
  const last: unknown = deps.services.context.workspaceState.get(LAST_PROJECT);
  const choices = await projectChoices(deps, args, purpose());
  const found = choices.flatMap((item) => ('value' in item && item.value.project.id === last ? [item.value] : []));
  return found[0] ?? (await pickProject(deps, args, purpose()));
}

interface Asked {
  readonly target: ProjectTarget;
  readonly text: string;
  readonly autoStart: boolean | undefined;
  readonly permissions?: PermissionPolicy | undefined;
}

async function ask(deps: CommandDeps, args: Args, usual: ProjectTarget): Promise<Asked> {
  const { l10n } = vscode;
  const { workspaceState } = deps.services.context;
  const choices = await projectChoices(deps, args, purpose());
  const autoStart = args.autoStart ?? workspaceState.get(LAST_START) === true;
  const draft = { target: usual, autoStart, permissions: args.permissions };
  let agents = await agentsIn(deps, usual);
  const projectRow = (): FormRow => ({
    icon: 'repo',
    text: l10n.t('Project: {0}', plain(draft.target.project.name)),
    change: async (place) => {
      draft.target = await choose({ title: title(), placeholder: l10n.t('Select a project') }, choices, place);
      agents = await agentsIn(deps, draft.target);
      if (!agents.ask) draft.permissions = args.permissions;
    },
  });
  const startRow = (): FormRow => ({
    icon: 'rocket',
    text: draft.autoStart ? l10n.t('Start workers: automatically') : l10n.t('Start workers: manually'),
    change: () => {
      draft.autoStart = !draft.autoStart;
      return Promise.resolve();
    },
  });
  const policy = (): FormRow => ({
    icon: 'shield',
    text: policyRow(draft.permissions, agents.unasked),
    change: async (place) => {
      draft.permissions = await choosePolicy(title(), draft.permissions, place);
    },
  });
  const text = await fillIn({
    title: title(),
    placeholder: l10n.t('What should be done? The first line is the title.'),
    problem: (given) => (given.trim() === '' ? l10n.t('Enter a description.') : undefined),
    rows: () => [
      { icon: 'add', text: l10n.t('Create the task in {0}', plain(draft.target.project.name)) },
      ...textRows(draft.target.folder),
      ...(choices.length > 1 ? [projectRow()] : []),
      ...(args.autoStart === undefined ? [startRow()] : []),
      ...(args.permissions === undefined && agents.ask ? [policy()] : []),
    ],
  });
  if (text.trim() === '')
    throw new KernelError('INVALID_ARGUMENT', { argument: 'description', problem: because('it is empty') });
  await workspaceState.update(LAST_PROJECT, draft.target.project.id);
  await workspaceState.update(LAST_START, draft.autoStart);
  return { ...draft, text };
}

/** Whether any agent of a new task asks, and which kinds do not. */
async function agentsIn(
  { host }: CommandDeps,
  { folder }: ProjectTarget,
): Promise<{ readonly ask: boolean; readonly unasked: readonly string[] }> {
  const kernel = host.kernels.get(folder);
  const agents = kernel && (await host.taskServices.agents(kernel));
  if (agents === undefined) return { ask: true, unasked: [] };
  const names = kindsOfTask({ plannerKind: null }, [], agents.usual);
  const unasked = unaskedKinds(agents.kinds, names, 'askAll');
  return { ask: unasked.length < names.length, unasked };
}

/** The first line that is not blank, without the marks of a Markdown heading. */
function titleOf(text: string): string {
  const line = text.split(/\r?\n/).find((candidate) => /[^#\s]/.test(candidate)) ?? text;
  return shortened(line.replace(/^\s*#+\s*/, '').trim(), MAX_TITLE_LENGTH);
}

/** Texts of several lines: what is in the editor, a new text there, or a file. */
function textRows(folder: string): FormRow[] {
  return [
    ...editorRows(),
    { icon: 'edit', text: vscode.l10n.t('Write in an editor…'), give: writeInEditor },
    { icon: 'folder-opened', text: vscode.l10n.t('Choose File…'), give: () => readChosenFile(folder) },
  ];
}

/** A new text, used when the person presses the button. If the message is dismissed, the text stays open. */
async function writeInEditor(): Promise<string> {
  const document = await vscode.workspace.openTextDocument({ language: 'markdown', content: '' });
  await vscode.window.showTextDocument(document, { preview: false });
  const done = title();
  const message = vscode.l10n.t('Write what should be done. The first line is the title.');
  if ((await vscode.window.showInformationMessage(message, done)) !== done) throw new Dismissed();
  return document.getText();
}

async function readChosenFile(folder: string): Promise<string> {
  const files = await vscode.window.showOpenDialog({ title: title(), defaultUri: vscode.Uri.file(folder) });
  const file = files?.[0]?.fsPath;
  if (file === undefined) throw new Dismissed();
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new KernelError('FILE_UNREADABLE', { path: file, problem: foreignText(problemOf(error)) });
  }
}

/** Why a text is no title of a task or a subtask. */
export function titleProblem(text: string): string | undefined {
  const { length } = text.trim();
  if (length === 0) return vscode.l10n.t('Enter a title.');
  return length > MAX_TITLE_LENGTH
    ? inWords(vscode.l10n, 'Titles are limited to {0} characters; this one has {1}.', MAX_TITLE_LENGTH, length)
    : undefined;
}
