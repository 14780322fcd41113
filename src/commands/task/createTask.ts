/** Create Task: project, title, description and whether workers start automatically, with Back between them. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/surfaces/commands';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { MAX_TITLE_LENGTH, type Task } from '../../kernel/tasks/record/model';
import {
  askInSteps,
  choose,
  Dismissed,
  enter,
  type Choice,
  type StepPosition,
  type Step,
} from '../../window/dialogs/ask';
import type { CommandDeps } from '../shared/deps';
import { pickProject } from '../shared/taskPickers';

type Draft = Omit<CommandArgs<'intercore.task.create'>, 'confirm'>;

/** Asks for what the caller left out; a title with a description is enough. */
export async function createTask(
  deps: CommandDeps,
  { confirm, ...args }: CommandArgs<'intercore.task.create'>,
): Promise<Task> {
  const { folder, project } = await pickProject(deps, args, { title: title(), action: 'create a task in' });
  const draft: Draft = { ...args };
  const asksAll = args.title === undefined || args.description === undefined;
  await askInSteps(stepsOf(folder, args, draft, asksAll));
  const { title: name, description } = draft;
  if (name === undefined || description === undefined) {
    throw new KernelError('INVALID_ARGUMENT', { argument: 'title', problem: 'it is missing' });
  }
  await deps.host.taskServices.allowAgents(folder, confirm);
  return await deps.api.tasks.create({ ...draft, title: name, description, folder, projectId: project.id });
}

const title = () => vscode.l10n.t('Create Task');

function stepsOf(folder: string, args: Draft, draft: Draft, asksAll: boolean): Step[] {
  let source: Source = 'text';
  return [
    {
      applies: () => args.title === undefined,
      ask: async (place) => {
        draft.title = await enterTitle(draft.title ?? '', place);
      },
    },
    {
      applies: () => args.description === undefined,
      ask: async (place) => {
        source = await chooseSource(source, place);
        if (source !== 'text') draft.description = await textOf(source, folder);
      },
    },
    {
      applies: () => args.description === undefined && source === 'text',
      ask: async (place) => {
        draft.description = await enterDescription(draft.description ?? '', place);
      },
    },
    {
      applies: () => asksAll && args.autoStart === undefined,
      ask: async (place) => {
        draft.autoStart = await chooseStart(draft.autoStart ?? false, place);
      },
    },
  ];
}

async function enterTitle(value: string, place: StepPosition): Promise<string> {
  return await enter(
    {
      title: title(),
      placeholder: vscode.l10n.t('What should be done, in one line?'),
      value,
      problem: titleProblem,
    },
    place,
  );
}

/** Why a text is no title of a task or a subtask. */
export function titleProblem(text: string): string | undefined {
  const { length } = text.trim();
  if (length === 0) return vscode.l10n.t('Enter a title.');
  return length > MAX_TITLE_LENGTH
    ? vscode.l10n.t('Titles are limited to {0} characters; this one has {1}.', MAX_TITLE_LENGTH, length)
    : undefined;
}

/** Where the description comes from: typed, a file to choose, or what is in the editor. */
type Source = 'text' | 'file' | { readonly text: string };

async function chooseSource(value: Source, place: StepPosition): Promise<Source> {
  return await choose<Source>(
    { title: title(), placeholder: vscode.l10n.t('Select the source of the description'), value },
    [
      { label: vscode.l10n.t('Enter Text'), detail: vscode.l10n.t('One line'), value: 'text' },
      ...inEditor(),
      { label: vscode.l10n.t('Choose File…'), detail: vscode.l10n.t('For longer text'), value: 'file' },
    ],
    place,
  );
}

/** The selection, where there is one, and the whole text. */
function inEditor(): Choice<Source>[] {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return [];
  const { document, selection } = editor;
  const [selected, whole] = [document.getText(selection), document.getText()];
  const file = path.basename(document.fileName);
  return [
    { label: vscode.l10n.t('Use the selection in {file}', { file }), value: { text: selected } },
    { label: vscode.l10n.t('Use the text of {file}', { file }), value: { text: whole } },
  ].filter(({ value }) => value.text.trim() !== '');
}

async function textOf(source: Exclude<Source, 'text'>, folder: string): Promise<string> {
  if (source !== 'file') return source.text;
  const files = await vscode.window.showOpenDialog({ title: title(), defaultUri: vscode.Uri.file(folder) });
  const file = files?.[0]?.fsPath;
  if (file === undefined) throw new Dismissed();
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new KernelError('FILE_UNREADABLE', { path: file, problem: problemOf(error) });
  }
}

async function enterDescription(value: string, place: StepPosition): Promise<string> {
  return await enter(
    {
      title: title(),
      placeholder: vscode.l10n.t('What should be true afterwards? The planner reads this.'),
      value,
      problem: (text) => (text.trim() === '' ? vscode.l10n.t('Enter a description.') : undefined),
    },
    place,
  );
}

async function chooseStart(value: boolean, place: StepPosition): Promise<boolean> {
  return await choose(
    { title: title(), placeholder: vscode.l10n.t('Select how workers start'), value },
    [
      {
        label: vscode.l10n.t('Manually'),
        detail: vscode.l10n.t('You can review the plan first'),
        value: false,
      },
      {
        label: vscode.l10n.t('Automatically'),
        detail: vscode.l10n.t('As soon as their dependencies are merged'),
        value: true,
      },
    ],
    place,
  );
}
