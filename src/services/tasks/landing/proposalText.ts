/** Title and body of a pull request (`docs/design/github.md#pull-requests`). Pure. */
import { stripVTControlCharacters } from 'node:util';
import { redact } from '../../../host/git/redaction';
import { fenceAfter } from '../../../kernel/tasks/subtask/body';
import type { Subtask, Task } from '../../../kernel/tasks/record/model';
import { shortened, startOf } from '../../../kernel/text/storableText';

/** GitHub's limits, in characters. */
const MAX_BODY_LENGTH = 65_536;
const MAX_TITLE_LENGTH = 256;
const MAX_COMMITS = 100;
const MAX_SUBJECT_LENGTH = 200;
const MAX_LINKS = 50;
const CUT = '\n\n… (shortened)';

export interface ProposalFacts {
  readonly task: Task;
  readonly subtask: Subtask;
  /** Oldest first. */
  readonly commits: readonly { readonly sha: string; readonly subject: string }[];
  /** Its dependencies. */
  readonly dependencies: readonly Subtask[];
}

/** `[IC-<task id>.<number>] <title>`, on one line. */
export function proposalTitle({ task, subtask }: ProposalFacts): string {
  return shortened(`[${nameOf(task, subtask)}] ${oneLine(subtask.title)}`, MAX_TITLE_LENGTH);
}

/**
 * Summary, acceptance criteria, commits and dependencies. If it is too long for GitHub, the acceptance criteria keep at
 * least half of the space, and the summary is shortened first.
 */
export function proposalBody(facts: ProposalFacts): string {
  const { task, subtask } = facts;
  const [spec, acceptance] = [cleanText(subtask.spec) || oneLine(subtask.title), cleanText(subtask.acceptanceCriteria)];
  const end = [
    section('Changed checks', decidingList(facts)),
    section('Commits', commitList(facts)),
    section('Depends on', dependencyList(facts)),
    `---\n\n${nameOf(task, subtask)}, part ${subtask.number} of “${escaped(oneLine(task.title))}”.\n`,
  ].join('');
  const room =
    MAX_BODY_LENGTH - end.length - section('Summary', ' ').length - section('Acceptance criteria', ' ').length;
  const criteria = fitted(acceptance, Math.max(room - spec.length, Math.floor(room / 2)));
  const summary = fitted(spec, room - criteria.length);
  return section('Summary', summary) + section('Acceptance criteria', criteria) + end;
}

function nameOf(task: Task, subtask: Subtask): string {
  return `IC-${task.id}.${subtask.number}`;
}

function section(heading: string, text: string): string {
  return text === '' ? '' : `## ${heading}\n\n${text}\n\n`;
}

function commitList({ commits }: ProposalFacts): string {
  const lines = commits
    .slice(-MAX_COMMITS)
    .map(({ sha, subject }) => `- ${sha.slice(0, 8)} ${escaped(shortened(oneLine(subject), MAX_SUBJECT_LENGTH))}`);
  const more = commits.length - lines.length;
  return [...(more > 0 ? [`- … and ${more} before`] : []), ...lines].join('\n');
}

const MAX_FILES = 50;

/** A reviewer must see that the work changes what proves it. */
function decidingList({ subtask: { decidingFiles } }: ProposalFacts): string {
  if (decidingFiles.length === 0) return '';
  const lines = decidingFiles
    .slice(0, MAX_FILES)
    .map((file) => `- ${escaped(shortened(oneLine(file), MAX_SUBJECT_LENGTH))}`);
  const more = decidingFiles.length - lines.length;
  return [
    'This branch changes files that its checks depend on:\n',
    ...lines,
    ...(more > 0 ? [`- … and ${more} more`] : []),
  ].join('\n');
}

function dependencyList({ task, dependencies }: ProposalFacts): string {
  return dependencies
    .slice(0, MAX_LINKS)
    .map((dependency) => `- ${dependency.prUrl ?? `${nameOf(task, dependency)} ${escaped(oneLine(dependency.title))}`}`)
    .join('\n');
}

/** Text of a person or an agent, without terminal codes and secrets. */
function cleanText(text: string): string {
  const plain = stripVTControlCharacters(text).replace(/\r\n?/g, '\n');
  // Control characters, and marks that change the reading order.
  return redact(plain.replace(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, '')).trim();
}

function oneLine(text: string): string {
  return cleanText(text).replace(/\s+/g, ' ');
}

/** Escapes text for Markdown. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~]/g, '\\$&');
}

/** Shortens text, and closes its open code fence, so that the following text stays outside. */
function fitted(text: string, room: number): string {
  const whole = closed(text);
  if (whole.length <= room) return whole;
  const longestFence = (text.match(/`{3,}|~{3,}/g) ?? []).reduce(
    (longest, { length }) => Math.max(longest, length + 1),
    0,
  );
  return startOf(closed(shortened(text, Math.max(0, room - longestFence), CUT)), room);
}

function closed(text: string): string {
  const open = text.split('\n').reduce<string | undefined>((fence, line) => fenceAfter(line, fence), undefined);
  return open === undefined ? text : `${text}\n${open}`;
}
