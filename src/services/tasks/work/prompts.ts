/**
 * What planners and workers are told: templates of the project or of the settings, filled with facts
 * (`docs/design/tasks.md#prompts`).
 */
import { readFile } from 'node:fs/promises';
import { readFailure } from '../../../host/files/fileErrors';
import { KernelError } from '../../../kernel/errors/errors';
import type { Project, Subtask, SubtaskNote, Task } from '../../../kernel/tasks/record/model';
import type { PlannerWords, WorkerWords } from '../tracker/trackerWords';

export type PromptName = 'planner' | 'worker';

/** The places each template may have. Those in `NEEDED` it must have, for the agent could not work without. */
const PLACES: Readonly<Record<PromptName, readonly string[]>> = {
  planner: ['project', 'taskTitle', 'taskDescription', 'writePlan', 'history'],
  worker: [
    ...['project', 'worktree', 'branch', 'base', 'subtaskTitle', 'spec', 'plan', 'acceptance'],
    ...['dependencies', 'checks', 'sayDone', 'leaveNote', 'history'],
  ],
};
const NEEDED: Readonly<Record<PromptName, readonly string[]>> = {
  planner: ['taskTitle', 'taskDescription'],
  worker: ['subtaskTitle', 'spec', 'branch'],
};

const PLACE = /\{\{(\w*)\}\}/g;

/**
 * Reads a template and checks it. `neededToo` are places without which an agent could not report to the tracker; those
 * that are none of this template do not count.
 * @throws KernelError `FILE_UNREADABLE`; `PROMPT_INVALID` for a place that does not exist or a needed one that is missing.
 */
export async function readTemplate(name: PromptName, file: string, neededToo: readonly string[] = []): Promise<string> {
  let template: string;
  try {
    template = await readFile(file, 'utf8');
  } catch (error) {
    throw readFailure(file, error);
  }
  const found = [...template.matchAll(PLACE)].map((match) => match[1] ?? '');
  const unknown = found.find((place) => !PLACES[name].includes(place));
  const needed = [...NEEDED[name], ...neededToo.filter((place) => PLACES[name].includes(place))];
  const missing = needed.find((place) => !found.includes(place));
  const refuse = (problem: string): never => {
    throw new KernelError('PROMPT_INVALID', { path: file, problem });
  };
  if (unknown !== undefined) refuse(`there is no {{${unknown}}}; known are ${PLACES[name].join(', ')}`);
  if (missing !== undefined) refuse(`it lacks {{${missing}}}`);
  return template;
}

/** Fills every place at once, so that a text that looks like a place stays as it is. */
function fill(template: string, values: Readonly<Record<string, string>>): string {
  return `${template
    .replace(PLACE, (place, name: string) => values[name] ?? place)
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

/** What happened in the attempt before. */
export interface Failure {
  readonly attempt: number;
  readonly error: string;
  /** The last lines that the agent printed. */
  readonly lastLines: string;
}

export interface PlannerFacts {
  readonly project: Project;
  readonly task: Task;
  readonly failure: Failure | undefined;
  readonly words: PlannerWords;
}

export function plannerPrompt(template: string, { project, task, failure, words }: PlannerFacts): string {
  return fill(template, {
    ...words,
    project: project.name,
    taskTitle: task.title,
    taskDescription: task.description,
    history: history(failure, []),
  });
}

export interface WorkerFacts {
  readonly project: Project;
  readonly subtask: Subtask;
  /** Merged subtasks that this one waited for. */
  readonly dependencies: readonly Subtask[];
  readonly notes: readonly SubtaskNote[];
  readonly failure: Failure | undefined;
  /** Command lines that are run afterwards, as they read. */
  readonly checks: readonly string[];
  readonly words: WorkerWords;
}

export function workerPrompt(template: string, facts: WorkerFacts): string {
  const { project, subtask, checks } = facts;
  return fill(template, {
    ...facts.words,
    project: project.name,
    worktree: subtask.worktreePath ?? '',
    branch: subtask.branchName ?? '',
    base: subtask.baseSha ?? project.defaultBranch,
    subtaskTitle: subtask.title,
    spec: subtask.spec || 'None was written. The title says what is wanted.',
    plan: subtask.implementationPlan || 'None was written.',
    acceptance: subtask.acceptanceCriteria || 'The project works and its tests pass.',
    dependencies: mergedBefore(facts.dependencies),
    checks: checks.length === 0 ? '' : `, and these must pass: ${checks.map((check) => `\`${check}\``).join(', ')}`,
    history: history(facts.failure, facts.notes),
  });
}

function mergedBefore(dependencies: readonly Subtask[]): string {
  if (dependencies.length === 0) return '';
  const lines = dependencies.map(({ title, prUrl }) => `- ${title}${prUrl === null ? '' : ` (${prUrl})`}`);
  return ['### Already merged, and what you build on', '', ...lines].join('\n');
}

function history(failure: Failure | undefined, notes: readonly SubtaskNote[]): string {
  const parts: string[] = [];
  if (failure !== undefined) {
    parts.push(
      `## Before you\n\nAttempt ${failure.attempt} did not succeed: ${failure.error}`,
      ...(failure.lastLines === '' ? [] : [`The last it printed:\n\n${fenced(failure.lastLines)}`]),
    );
  }
  if (notes.length > 0) {
    parts.push('## Notes', ...notes.map(({ author, text }) => `${author} wrote:\n\n${fenced(text)}`));
  }
  return parts.join('\n\n');
}

/** In a fence that nothing inside can close. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([marks]) => marks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text.trimEnd()}\n${fence}`;
}
