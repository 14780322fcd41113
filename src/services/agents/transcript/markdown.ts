/** A transcript as Markdown, entry by entry. Texts of the agent stay as they are; what it printed is in code blocks. */
import { counted } from '../../../kernel/errors/reasons/fill';
import { personWords } from '../../../contract/personWords';
import type { Decider, EntryOf, StepStatus, TranscriptEntry } from '../../../contract/transcript';
import { fenced, longestRun } from '../../../kernel/text/fenced';

export interface TranscriptHead {
  readonly name: string;
  /** Shown as a list below the name. */
  readonly facts: readonly (readonly [name: string, value: string])[];
}

export function markdownHead({ name, facts }: TranscriptHead): string {
  return [`# ${inLine(name)}`, facts.map(([fact, value]) => `- ${fact}: ${inLine(value)}`).join('\n')].join('\n\n');
}

/** Parts are separated by an empty line. */
export function markdownOf(entry: TranscriptEntry): string {
  switch (entry.kind) {
    case 'message':
      return `**${speakerOf(entry)}**\n\n${entry.text}`;
    case 'thought':
      return quoted(`*Thought*\n\n${entry.text}`);
    case 'tool':
      return toolText(entry);
    case 'plan':
      return ['**Plan**', entry.steps.map(({ text, status }) => `- ${BOXES[status]} ${inLine(text)}`).join('\n')].join(
        '\n\n',
      );
    case 'decision':
      return decisionText(entry);
    case 'usage':
      return `*${usageWords(entry)}*`;
    case 'note':
      return noteText(entry);
  }
}

function speakerOf({ by }: EntryOf<'message'>): string {
  if (by === null) return 'Agent';
  return by === 'task' ? 'Prompt' : inLine(personWords(by));
}

const BOXES: Readonly<Record<StepStatus, string>> = {
  pending: '[ ]',
  inProgress: '[ ] (in progress)',
  completed: '[x]',
};

function toolText({ title, status, output, diffs }: EntryOf<'tool'>): string {
  const changes = diffs.map(({ path, oldText, newText }) => {
    const removed = oldText === null ? [] : marked('-', oldText);
    return fenced([`--- ${path}`, ...removed, ...marked('+', newText)].join('\n'), 'diff');
  });
  const printed = output.trim() === '' ? [] : [fenced(output)];
  return [title === '' ? `**Tool**: ${status}` : `**Tool** ${code(title)}: ${status}`, ...changes, ...printed].join(
    '\n\n',
  );
}

function marked(mark: string, text: string): string[] {
  return text === ''
    ? []
    : text
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => `${mark}${line}`);
}

function decisionText({ number, title, details, answer, by, reason }: EntryOf<'decision'>): string {
  const decided =
    answer === null ? 'not answered' : `${ANSWERS[answer]}${by === null ? '' : ` by ${deciderWords(by)}`}`;
  const head = `**Request ${number}**${title === '' ? '' : ` ${code(title)}`}: ${decided}`;
  return [
    reason === null ? head : `${head}: ${inLine(reason)}`,
    ...(details.length === 0 ? [] : [details.map((detail) => `- ${code(detail)}`).join('\n')]),
  ].join('\n\n');
}

const ANSWERS: Readonly<Record<NonNullable<EntryOf<'decision'>['answer']>, string>> = {
  allow: 'allowed',
  deny: 'denied',
  accept: 'answered',
  decline: 'declined',
  cancelled: 'canceled',
};

function deciderWords({ kind, name }: Decider): string {
  switch (kind) {
    case 'rule':
      return `rule ${name}`;
    case 'policy':
      return `the policy ${name}`;
    case 'person':
      return inLine(personWords(name));
    case 'turn':
      return 'the end of the turn';
  }
}

export function usageWords({ inputTokens, outputTokens, cacheHits, costUsd }: EntryOf<'usage'>): string {
  const tokens = `${counted(inputTokens, 'tokens')} in, ${outputTokens} out, ${cacheHits} from cache`;
  return costUsd === null ? tokens : `${tokens}, $${costUsd.toFixed(4)}`;
}

function noteText({ tone, text }: EntryOf<'note'>): string {
  switch (tone) {
    case 'output':
      return fenced(text);
    case 'error':
      return `**Error**\n\n${fenced(text)}`;
    case 'info':
      return `*${inLine(text)}*`;
  }
}

function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n');
}

/** A foreign text in one line, without effect on the text around it. */
function inLine(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_<>[\]#|~&]/g, (sign) => `\\${sign}`);
}

function code(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const ticks = '`'.repeat(longestRun(line) + 1);
  return ticks.length === 1 ? `\`${line}\`` : `${ticks} ${line} ${ticks}`;
}
