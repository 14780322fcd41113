/** Permission requests, decisions, turns, and plans of a session in words. */
import { personWords } from '../../../contract/personWords';
import { startOf } from '../output/bounded';
import { about, cameOut, wentWrong } from '../output/logParts';
import type { AcpEventOf } from './lines';

const LONGEST_LINE = 500;
const MOST_PATHS = 10;
const MOST_ENTRIES = 200;

/** A text of an agent in one line. */
export function oneLine(text: string): string {
  return startOf(
    startOf(text, 4 * LONGEST_LINE)
      .replace(/\s+/g, ' ')
      .trim(),
    LONGEST_LINE,
  );
}

export function openedText({ sessionId, how, isForgotten, agent, mode }: AcpEventOf<'opened'>): string[] {
  const fresh = isForgotten === true ? 'new, because the earlier one is gone' : undefined;
  const manner = { new: fresh, load: 'loaded', resume: 'resumed' }[how];
  return about('session', manner, oneLine(agent), oneLine(sessionId), mode === null ? undefined : oneLine(mode));
}

/** The prompt of the task is in its own file; what a person said is shown. */
export function turnText({ turn, by, text }: AcpEventOf<'turn'>): string[] {
  return by === 'task' ? about(`turn ${turn}`) : [...about(`turn ${turn}`, oneLine(personWords(by))), ...cameOut(text)];
}

export function turnEndText({ turn, stopReason, error }: AcpEventOf<'turnEnded'>): string[] {
  const reason = stopReason === null || stopReason === 'end_turn' ? undefined : stopWords(stopReason);
  const end = turn === 0 ? about('the session was not opened') : about(`turn ${turn} ended`, reason);
  if (error === null) return end;
  return [...end, ...wentWrong(error.message.trim() === '' ? `error ${error.code}` : error.message)];
}

export function stopWords(stopReason: string): string {
  return stopReason === 'cancelled' ? 'canceled' : oneLine(stopReason.replaceAll('_', ' '));
}

export function askedText({ request }: AcpEventOf<'asked'>): string[] {
  const what = request.kind === 'permission' ? 'permission request' : 'question';
  const head = ['', `? ${what} ${request.number}: ${oneLine(request.title)}`];
  if (request.kind === 'question') return [...head, ...request.fields.map(({ title }) => `  ${oneLine(title)}`)];
  const { command, paths } = request;
  const outside = paths.filter(({ isInside }) => !isInside).slice(0, MOST_PATHS);
  return [
    ...head,
    ...(command === undefined || request.title.includes(command) ? [] : cameOut(`$ ${startOf(command, LONGEST_LINE)}`)),
    ...outside.map(({ path }) => `  outside the worktree: ${oneLine(path)}`),
  ];
}

const ANSWERS = {
  allow: 'allowed',
  deny: 'denied',
  accept: 'answered',
  decline: 'declined',
  cancelled: 'canceled',
} as const;

export function decidedText({ number, answer, by, reason }: AcpEventOf<'decided'>): string[] {
  return about(
    `request ${number} ${ANSWERS[answer]} by ${deciderOf(by)}`,
    reason === null ? undefined : oneLine(reason),
  );
}

function deciderOf(by: AcpEventOf<'decided'>['by']): string {
  switch (by.kind) {
    case 'rule':
      return `rule ${by.number}`;
    case 'policy':
      return `the policy ${by.policy}`;
    case 'person':
      return oneLine(personWords(by.name));
    case 'turn':
      return 'the end of the turn';
  }
}

export function commandText({ kind, by, outcome, problem }: AcpEventOf<'command'>): string[] {
  return about(
    `${oneLine(kind)} by ${oneLine(personWords(by))}`,
    outcome === 'done' ? undefined : 'refused',
    problem && oneLine(problem),
  );
}

/** The plan of an agent as a checklist. */
export class PlanText {
  private shown: readonly string[] = [];

  /** The whole plan if its steps are others than before, else the steps that have changed. */
  take({ entries }: AcpEventOf<'plan'>): string[] {
    const all = entries
      .slice(0, MOST_ENTRIES)
      .map(({ content, status }) => `- [${markOf(status)}] ${oneLine(content)}`);
    const changed = all.filter((line, index) => line !== this.shown[index]);
    const isSame =
      all.length === this.shown.length && all.every((line, index) => stepOf(line) === stepOf(this.shown[index]));
    this.shown = all;
    const more = entries.length - all.length;
    const lines = isSame ? changed : [...all, ...(more > 0 ? [`(${more} more steps)`] : [])];
    return lines.length === 0 ? [] : ['', ...lines];
  }
}

function markOf(status: string | undefined): string {
  if (status === 'completed') return 'x';
  return status === 'in_progress' ? '~' : ' ';
}

function stepOf(line: string | undefined): string | undefined {
  return line?.slice('- [ ] '.length);
}
