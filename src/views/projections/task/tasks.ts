/** The *Tasks* view: what is being planned and built in all folders, then what is done, by day. */
import { inWords } from '../../../kernel/errors/reasons/fill';
import { contextValue } from '../../../contract/views';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import type { Project, Task } from '../../../kernel/tasks/record/model';
import { byDay } from '../../rows/format';
import { rowRef, type Gathering, type Projection, type Row, type RowRef, type Tooltip } from '../../rows/row';
import type { FolderRecord } from '../record/folderRecord';
import { explain } from '../folderRow';
import { groupRow, page, PAGE_SIZE } from '../pages';
import { recordOf, type ViewContext } from '../viewContext';
import { attemptRow, subtaskChildren, subtaskRow, subtaskTooltip } from './subtaskRow';
import { leadFlags, taskRow, taskTooltip } from './taskRow';
import { elsewhereWord } from './taskWords';
import { invalidRow } from '../unreadableRows';

/** A task with its record. */
interface RowState {
  readonly record: FolderRecord;
  readonly task: Task;
}

/** Of all projects. */
const EVERY = '';

export class TasksProjection implements Projection {
  constructor(private readonly context: ViewContext) {}

  roots(): Row[] {
    const records = readable(this.context);
    const projects = records.flatMap((record) => record.tasks.projects().map((project) => ({ record, project })));
    const invalid = records.flatMap((record) => invalidRows(this.context, record));
    const isUsual =
      projects.length < 2 && projects.every(({ project }) => !this.context.isElsewhere(project.clonePath));
    if (isUsual) return [...invalid, ...this.tasks(EVERY)];
    return [...invalid, ...projects.map(({ record, project }) => projectRow(this.context, record, project))];
  }

  children(ref: RowRef): readonly Row[] {
    if (ref.kind === 'group') return this.gathered(ref.gathers);
    if (ref.kind === 'project') return this.tasks(ref.projectId);
    const found = this.find(ref);
    if (found === undefined) return [];
    const { record, task } = found;
    if (ref.kind === 'task') return this.ofTask(record, task);
    if (ref.kind !== 'subtask') return [];
    const subtask = record.tasks.contentsOf(task).subtask(ref.subtaskId);
    return subtask === undefined ? [] : subtaskChildren(this.context, record, task, subtask);
  }

  tooltip(ref: RowRef): Tooltip | undefined {
    const found = this.find(ref);
    if (found === undefined) return undefined;
    const { record, task } = found;
    if (ref.kind === 'task') return taskTooltip(this.context, record, task);
    if (ref.kind !== 'subtask') return undefined;
    const subtask = record.tasks.contentsOf(task).subtask(ref.subtaskId);
    return subtask && subtaskTooltip(this.context, record, task, subtask);
  }

  /** Open ones first, newest on top; done ones below by day. */
  private tasks(projectId: string): Row[] {
    const { context } = this;
    const all = tasksOf(context, projectId);
    const open = all.filter(({ task }) => task.status !== 'DONE');
    const days = [...doneByDay(all)];
    return [
      ...open.map(({ record, task }) => taskRow(context, record, task)),
      ...days.map(([day, tasks], index) => {
        const count = inWords(context.l10n, '{0} tasks done', tasks.length);
        const gathers = { group: 'taskDay', day, projectId } as const;
        const expands = index === 0 ? 'expanded' : 'collapsed';
        return groupRow(gathers, context.formats.day(day), count, { id: 'calendar' }, expands);
      }),
    ];
  }

  private gathered(gathers: Gathering): Row[] {
    const { context } = this;
    const [of, from] = gathers.group === 'older' ? [gathers.of, gathers.from] : [gathers, 0];
    if (of.group === 'taskDay') {
      const done = doneByDay(tasksOf(context, of.projectId)).get(of.day) ?? [];
      return page(context, done, from, ({ record, task }) => [taskRow(context, record, task)], of);
    }
    if (of.group !== 'subtasks' && of.group !== 'planning') return [];
    const found = this.find(of);
    if (found === undefined) return [];
    const { record, task } = found;
    return of.group === 'subtasks' ? this.subtasks(record, task, from) : this.planning(record, task, from);
  }

  private ofTask(record: FolderRecord, task: Task): Row[] {
    const { l10n, formats } = this.context;
    const { folder } = record;
    const attempts = record.tasks.contentsOf(task).attempts(null).length;
    const gathers = { group: 'planning', folder, taskId: task.id } as const;
    const count = inWords(l10n, '{0} attempts', formats.count(attempts));
    return [
      ...this.subtasks(record, task, 0),
      ...(attempts === 0 ? [] : [groupRow(gathers, l10n.t('Planning'), count, { id: 'lightbulb' })]),
    ];
  }

  private subtasks(record: FolderRecord, task: Task, from: number): Row[] {
    const contents = record.tasks.contentsOf(task);
    const of = { group: 'subtasks', folder: record.folder, taskId: task.id } as const;
    const shown = contents.ids.slice(from, from + PAGE_SIZE);
    contents.readAhead(shown);
    record.dispatches.readAhead(
      shown.flatMap((id) => contents.attempts(id).flatMap(({ dispatchId }) => dispatchId ?? [])),
    );
    const rowsOf = (id: string): Row[] => {
      const { subtask, invalid } = contents.part(id);
      if (subtask !== undefined) return [subtaskRow(this.context, record, task, subtask)];
      return [invalidRow(this.context, record.folder, invalid ?? { id, column: 'id', problem: because('not text') })];
    };
    const rows = page(this.context, contents.ids, from, rowsOf, of);
    return from > 0 ? rows : [...contents.invalid.map((row) => invalidRow(this.context, record.folder, row)), ...rows];
  }

  private planning(record: FolderRecord, task: Task, from: number): Row[] {
    const attempts = record.tasks.contentsOf(task).attempts(null);
    const of = { group: 'planning', folder: record.folder, taskId: task.id } as const;
    return page(this.context, attempts, from, (attempt) => [attemptRow(this.context, record, attempt)], of);
  }

  private find(ref: object): RowState | undefined {
    if (!('folder' in ref && 'taskId' in ref)) return undefined;
    const record = recordOf(this.context, String(ref.folder));
    const task = record?.isReadable === true ? record.tasks.task(String(ref.taskId)) : undefined;
    return record === undefined || task === undefined ? undefined : { record, task };
  }
}

function readable(context: ViewContext): FolderRecord[] {
  return context.records().filter((record) => record.isReadable);
}

function tasksOf(context: ViewContext, projectId: string): RowState[] {
  return readable(context).flatMap((record) =>
    record.tasks
      .tasks()
      .filter((task) => projectId === EVERY || task.projectId === projectId)
      .map((task) => ({ record, task })),
  );
}

function doneByDay(all: readonly RowState[]): ReadonlyMap<string, readonly RowState[]> {
  const done = all.filter(({ task }) => task.status === 'DONE');
  done.sort((a, b) => b.task.updatedAt - a.task.updatedAt);
  return byDay(done, ({ task }) => task.updatedAt);
}

function projectRow(context: ViewContext, record: FolderRecord, project: Project): Row {
  const { l10n } = context;
  const tasks = record.tasks.tasks().filter(({ projectId }) => projectId === project.id);
  const open = tasks.filter(({ status }) => status !== 'DONE').length;
  const count = inWords(l10n, '{0} open tasks', open);
  const elsewhere = elsewhereWord(context, project.clonePath);
  const description = [project.defaultBranch, count, ...(elsewhere === undefined ? [] : [elsewhere])].join(' · ');
  const flags = [
    ...(elsewhere === undefined ? [] : (['elsewhere'] as const)),
    ...(tasks.length === 0 ? (['empty'] as const) : []),
    ...(project.remote === null ? [] : (['remote'] as const)),
    ...leadFlags(context, record),
    ...(record.isWritable ? (['writable'] as const) : []),
  ];
  return {
    ref: rowRef({ kind: 'project', folder: record.folder, projectId: project.id }),
    label: project.name,
    description,
    icon: { id: 'repo' },
    contextValue: contextValue('project', flags),
    spoken: l10n.t('Project {0}, {1}', project.name, description),
    expands: tasks.length === 0 ? 'no' : 'expanded',
  };
}

function invalidRows(context: ViewContext, record: FolderRecord): Row[] {
  const list = record.tasks.list();
  if (!(list instanceof KernelError)) return list.invalid.map((row) => invalidRow(context, record.folder, row));
  const label = context.nameOf(record.folder);
  const description = explain(context.l10n, list);
  return [
    {
      ref: rowRef({ kind: 'invalidTasks', folder: record.folder }),
      label,
      description,
      icon: { id: 'warning', color: 'list.warningForeground' },
      contextValue: contextValue('invalidTasks', []),
      spoken: `${label}, ${description}`,
      expands: 'no',
    },
  ];
}
