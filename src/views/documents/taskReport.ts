/** A task or a subtask in readable text: description, state, dependencies, and every attempt. */
import type { DocumentTarget } from '../../contract/pages/documents';
import { isKernelError, KernelError } from '../../kernel/errors/errors';
import type { AgentRun, Subtask, Task } from '../../kernel/tasks/record/model';
import { listNotes } from '../../kernel/tasks/subtask/subtasks';
import type { FolderRecord } from '../projections/record/folderRecord';
import { explain } from '../projections/folderRow';
import { recordOf, type ViewContext } from '../projections/viewContext';
import { attemptWords, subtaskFacts } from '../projections/task/subtaskRow';
import { taskFacts } from '../projections/task/taskRow';
import { stateOf, subtaskWord } from '../projections/task/taskWords';
import { unreadableLines } from '../projections/unreadableRows';
import { aligned, heading, section, type Line } from './reportText';

export type TaskTarget = Extract<DocumentTarget, { kind: 'task' | 'subtask' }>;

/** The text of a document now, or why it cannot be shown. */
export function taskReport(context: ViewContext, target: TaskTarget): string {
  const { l10n } = context;
  const record = recordOf(context, target.folder);
  if (record === undefined) return `${l10n.t('The folder {0} is not open in this window.', target.folder)}\n`;
  try {
    const lines = linesOf(context, record, target);
    const unreadable = unreadableLines(l10n, record.unreadable());
    return `${[...lines, ...(unreadable.length === 0 ? [] : ['', ...unreadable])].join('\n')}\n`;
  } catch (error) {
    if (isKernelError(error)) return `${explain(l10n, error)}\n`;
    throw error;
  }
}

function linesOf(context: ViewContext, record: FolderRecord, target: TaskTarget): string[] {
  const { state } = record.source;
  if (state.kind === 'failed') throw state.error;
  if (target.kind === 'task') {
    const task = record.isReadable ? record.tasks.task(target.taskId) : undefined;
    if (task === undefined) throw new KernelError('NOT_FOUND', { what: 'task', id: target.taskId });
    return taskLines(context, record, task);
  }
  const found = record.isReadable ? record.tasks.find(target.subtaskId) : undefined;
  if (found === undefined) throw new KernelError('NOT_FOUND', { what: 'subtask', id: target.subtaskId });
  return subtaskLines(context, record, found.task, found.subtask);
}

function taskLines(context: ViewContext, record: FolderRecord, task: Task): string[] {
  const { l10n } = context;
  const contents = record.tasks.contentsOf(task);
  const subtasks = contents.subtasks(contents.ids).map((subtask): Line => {
    const waits = contents.dependsOn(subtask.id).map(({ number }) => number);
    const state = subtaskWord(l10n, stateOf(subtask));
    return [
      `${subtask.number}. ${subtask.title}`,
      waits.length === 0 ? state : `${state}, ${l10n.t('after {0}', waits.join(', '))}`,
    ];
  });
  return [
    ...heading(task.title.trim()),
    ...aligned(taskFacts(context, record, task)),
    ...text(l10n.t('Description'), task.description),
    ...section(l10n.t('Subtasks'), aligned(subtasks)),
    ...attemptLines(context, record, l10n.t('Planning'), contents.attempts(null)),
  ];
}

function subtaskLines(context: ViewContext, record: FolderRecord, task: Task, subtask: Subtask): string[] {
  const { l10n, formats } = context;
  const notes = record.read((r) => listNotes(r, subtask.id));
  return [
    ...heading(subtask.title.trim()),
    ...aligned(subtaskFacts(context, record, task, subtask)),
    ...text(l10n.t('Spec'), subtask.spec),
    ...text(l10n.t('Implementation Plan'), subtask.implementationPlan),
    ...text(l10n.t('Acceptance Criteria'), subtask.acceptanceCriteria),
    ...notes.flatMap((note) =>
      text(l10n.t('Note of {0}, {1}', note.author, formats.moment(note.createdAt)), note.text),
    ),
    ...attemptLines(context, record, l10n.t('Attempts'), record.tasks.contentsOf(task).attempts(subtask.id)),
  ];
}

function text(title: string, content: string): string[] {
  return content.trim() === '' ? [] : section(title, content.trim().split('\n'));
}

function attemptLines(
  context: ViewContext,
  record: FolderRecord,
  title: string,
  attempts: readonly AgentRun[],
): string[] {
  const lines = [...attempts].reverse().map((attempt): Line => {
    return [context.l10n.t('Attempt {0}', attempt.attempt), attemptWords(context, record, attempt)];
  });
  return section(title, aligned(lines));
}
