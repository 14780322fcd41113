/**
 * The prompts of planners and workers: templates of the project or of the settings, filled with facts
 * (`docs/design/tasks.md#prompts`).
 */
import { readFile } from 'node:fs/promises';
import { readFailure } from '../../../host/files/fileErrors';
import { KernelError } from '../../../kernel/errors/errors';
import { because, type Problem } from '../../../kernel/errors/reasons/problem';
import { fenced } from '../../../kernel/text/fenced';
import type { Project, Subtask, SubtaskNote, Task } from '../../../kernel/tasks/record/model';
import type { PlannerWords, WorkerWords } from '../tracker/trackerWords';

export type PromptName = 'planner' | 'worker';

/**
 * The placeholders that each template may have. Those in `NEEDED` are required: the agent could not work without them.
 */
const PLACES: Readonly<Record<PromptName, readonly string[]>> = {
  planner: ['project', 'taskTitle', 'taskDescription', 'writePlan', 'history'],
  worker: [
    'project',
    'worktree',
    'branch',
    'base',
    'subtaskTitle',
    'spec',
    'plan',
    'acceptance',
    'dependencies',
    'checks',
    'sayDone',
    'leaveNote',
    'history',
  ],
};
const NEEDED: Readonly<Record<PromptName, readonly string[]>> = {
  planner: ['taskTitle', 'taskDescription'],
  worker: ['subtaskTitle', 'spec', 'branch'],
};

const PLACE = /\{\{(\w*)\}\}/g;

/**
 * Reads a template and checks it. `neededToo` are placeholders without which an agent could not report to the tracker.
 * Placeholders of the other template are ignored.
 * @throws KernelError `FILE_UNREADABLE`; `PROMPT_INVALID` for an unknown placeholder or a missing required one.
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
  const refuse = (problem: Problem<'PROMPT_INVALID'>): never => {
    throw new KernelError('PROMPT_INVALID', { path: file, problem });
  };
  if (unknown !== undefined) {
    const known = PLACES[name].join(', ');
    refuse(
      because('the placeholder {name} does not exist. Known placeholders: {known}', { name: `{{${unknown}}}`, known }),
    );
  }
  if (missing !== undefined) refuse(because('the placeholder {name} is missing', { name: `{{${missing}}}` }));
  return template;
}

/** Fills all placeholders in one pass, so that a value that looks like a placeholder is not filled. */
function fill(template: string, values: Readonly<Record<string, string>>): string {
  return `${template
    .replace(PLACE, (place, name: string) => values[name] ?? place)
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

/** How the previous attempt failed. */
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
    writePlan: words.writePlan,
    project: project.name,
    taskTitle: task.title,
    taskDescription: task.description,
    history: history(failure, []),
  });
}

export interface RevisionFacts extends Pick<PlannerFacts, 'task' | 'failure' | 'words'> {
  /** What must change, as a person wrote it. */
  readonly revision: string;
}

/** For the planner that made the plan, in its session. */
export function revisionPrompt({ task, revision, failure, words }: RevisionFacts): string {
  const parts = ['# Revise the plan', `Change your plan for the task “${task.title}”:`, fenced(revision, 'text')];
  const rest = [words.correctPlan, history(failure, [])].filter((part) => part !== '');
  return `${[...parts, 'The subtasks exist. Keep what fits, and correct the rest.', ...rest].join('\n\n')}\n`;
}

/** Added to the prompt of another planner. */
export function revisionSection(revision: string, plan: string): string {
  const old = ['### The plan so far', fenced(plan, 'text')];
  return `\n${['## Revise the plan', 'The task has a plan. Change it:', fenced(revision, 'text'), ...old].join('\n\n')}\n`;
}

/** Added to the prompt of a planner that takes over from one of another kind. */
export function takenOverSection(plan: string): string {
  const intro = 'Another planner wrote the plan below. Check what exists, keep what fits, and correct the rest.';
  return `\n${['## The plan so far', intro, fenced(plan, 'text')].join('\n\n')}\n`;
}

export interface WorkerFacts {
  readonly project: Project;
  readonly subtask: Subtask;
  /** Merged dependencies of the subtask. */
  readonly dependencies: readonly Subtask[];
  readonly notes: readonly SubtaskNote[];
  readonly failure: Failure | undefined;
  /** Command lines of the checks, for people. */
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
    spec: subtask.spec || 'No spec was written. The title describes the goal.',
    plan: subtask.implementationPlan || 'No plan was written.',
    acceptance: subtask.acceptanceCriteria || 'The project works and its tests pass.',
    dependencies: mergedBefore(facts.dependencies),
    checks: checks.length === 0 ? '' : `, and these must pass: ${checks.map((check) => `\`${check}\``).join(', ')}`,
    history: history(facts.failure, facts.notes),
  });
}

/** Added to the prompt of an agent in a session: without it, models join commands, and each then waits for a person. */
export const SESSION_SECTION = `
## Permissions

Some of your actions wait for a person. In your working directory, these do not: reading and changing files with your
tools, the checks that must pass, \`git status\`, \`git add <file>\`, \`git commit -m "Message"\`, and the commands in these
instructions, exactly as they are written. Run each of them as one command on one line, without \`cd\`, pipes, \`&&\`,
comments, or redirection. Write files with titles and texts into your working directory in place of \`$TMPDIR\`, pass
their names, and delete them afterwards.
`;

/** For the session of the attempt that failed, which knows the work: what was wrong, and how to report. */
export function retryPrompt({
  failure,
  notes = [],
  report,
}: {
  readonly failure: Failure | undefined;
  readonly notes?: readonly SubtaskNote[];
  readonly report: string;
}): string {
  // The agent knows what it printed.
  const wrong = history(failure && { ...failure, lastLines: '' }, notes);
  const rest = 'Check what is done, fix what is wrong, and finish. Your previous instructions still apply.';
  return `${['# Try again', wrong, rest, report].filter((part) => part !== '').join('\n\n')}\n`;
}

function mergedBefore(dependencies: readonly Subtask[]): string {
  if (dependencies.length === 0) return '';
  const lines = dependencies.map(({ title, prUrl }) => `- ${title}${prUrl === null ? '' : ` (${prUrl})`}`);
  return ['### Merged dependencies that you build on', '', ...lines].join('\n');
}

function history(failure: Failure | undefined, notes: readonly SubtaskNote[]): string {
  const parts: string[] = [];
  if (failure !== undefined) {
    parts.push(
      `## Previous attempt\n\nAttempt ${failure.attempt} did not succeed: ${failure.error}`,
      ...(failure.lastLines === '' ? [] : [`Its last output:\n\n${fenced(failure.lastLines, 'text')}`]),
    );
  }
  if (notes.length > 0) {
    parts.push('## Notes', ...notes.map(({ author, text }) => `${author} wrote:\n\n${fenced(text, 'text')}`));
  }
  return parts.join('\n\n');
}
