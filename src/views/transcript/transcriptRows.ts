/** Entries of a transcript as the rows of its page, in the editor's language. Pure. */
import { inWords } from '../../kernel/errors/reasons/fill';
import type { TranscriptRow, TranscriptStep } from '../../contract/pages/transcript';
import { personWords } from '../../contract/personWords';
import type { EntryOf, PlanStep, ToolStatus, TranscriptEntry } from '../../contract/transcript';
import { textOf } from '../../services/agents/transcript/entries/entryText';
import { startOf } from '../../kernel/text/storableText';
import { decisionWords } from '../rows/decisionWords';
import { headline, type Formats } from '../rows/format';
import type { Localizer } from '../rows/localizer';
import { noteWords } from './noteWords';

export interface RowContext {
  readonly l10n: Localizer;
  readonly formats: Pick<Formats, 'count' | 'dollars'>;
}

/** Of a body that is sent before a person asks for all of it, in UTF-16 units. */
const SHORT_BODY = 4_000;
const HEAD = 300;

const EMPTY: Omit<TranscriptRow, 'kind'> = {
  state: 'none',
  head: '',
  meta: '',
  body: '',
  isCut: false,
  isFolded: false,
  steps: [],
  diffs: [],
};

/** `isWhole`: with all of its body. */
export function rowOf(context: RowContext, entry: TranscriptEntry, isWhole = false): TranscriptRow {
  const row = wholeRow(context, entry);
  if (isWhole || row.body.length <= SHORT_BODY) return row;
  return { ...row, body: startOf(row.body, SHORT_BODY), isCut: true };
}

function wholeRow(context: RowContext, entry: TranscriptEntry): TranscriptRow {
  const { l10n } = context;
  switch (entry.kind) {
    case 'message': {
      const { by, text } = entry;
      if (by === null) return { ...EMPTY, kind: 'agent', head: l10n.t('Agent'), body: text };
      // The prompt of the task is long and known.
      const isPrompt = by === 'task';
      return {
        ...EMPTY,
        kind: 'person',
        head: isPrompt ? l10n.t('Prompt') : headline(personWords(by, (words) => l10n.t(words))),
        body: text,
        isFolded: isPrompt,
      };
    }
    case 'thought':
      return {
        ...EMPTY,
        kind: 'thought',
        head: l10n.t('Thought'),
        meta: headline(entry.text),
        body: entry.text,
        isFolded: true,
      };
    case 'tool':
      return toolRow(context, entry);
    case 'plan':
      return { ...EMPTY, kind: 'plan', head: planTitle(context, entry), steps: stepsOf(context, entry.steps) };
    case 'decision':
      return requestRow(context, entry);
    case 'usage':
      return { ...EMPTY, kind: 'usage', head: usageWords(context, entry) };
    case 'note':
      return noteRow(context, entry);
  }
}

/** What a search finds: the texts of an entry, in the words that its row has for them. */
export function searchedText(context: RowContext, entry: TranscriptEntry): string {
  switch (entry.kind) {
    case 'note':
      return entry.about === undefined ? entry.text : noteWords(context.l10n, entry.about);
    case 'usage':
      return usageWords(context, entry);
    case 'decision': {
      const { head, meta } = requestRow(context, entry);
      return [head, meta, textOf(entry)].join('\n');
    }
    case 'message':
    case 'thought':
    case 'tool':
    case 'plan':
      return textOf(entry);
  }
}

const TOOL_STATES = {
  running: 'running',
  completed: 'good',
  failed: 'bad',
  canceled: 'dim',
  unfinished: 'dim',
} as const satisfies Readonly<Record<ToolStatus, TranscriptRow['state']>>;

function toolRow({ l10n }: RowContext, { title, status, paths, output, diffs }: EntryOf<'tool'>): TranscriptRow {
  const words: Readonly<Record<ToolStatus, string>> = {
    running: l10n.t('running'),
    completed: l10n.t('completed'),
    failed: l10n.t('failed'),
    canceled: l10n.t('canceled'),
    unfinished: l10n.t('not finished'),
  };
  const others = paths.filter((path) => !title.includes(nameOf(path)));
  return {
    ...EMPTY,
    kind: 'tool',
    state: TOOL_STATES[status],
    head: headline(title === '' ? l10n.t('Tool') : title, HEAD),
    meta: words[status],
    body: [...others, ...(output === '' ? [] : [output])].join('\n'),
    isFolded: true,
    diffs: diffs.map(({ path }) => nameOf(path)),
  };
}

function nameOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

function requestRow({ l10n }: RowContext, entry: EntryOf<'decision'>): TranscriptRow {
  const { number, title, details, answer, by, reason } = entry;
  const states = { allow: 'good', accept: 'good', deny: 'bad', decline: 'bad', cancelled: 'dim' } as const;
  return {
    ...EMPTY,
    kind: 'request',
    state: answer === null ? 'running' : states[answer],
    head: title === '' ? l10n.t('Request {0}', number) : l10n.t('Request {0}: {1}', number, headline(title, HEAD)),
    meta: decisionWords(l10n, { answer, by: by?.kind ?? 'turn', name: by?.name ?? '' }),
    body: [...(reason === null ? [] : [reason]), ...details].join('\n'),
  };
}

function noteRow({ l10n }: RowContext, { tone, text, about }: EntryOf<'note'>): TranscriptRow {
  switch (tone) {
    case 'output': {
      const [first = '', ...rest] = text.split('\n');
      const isLong = rest.length > 0;
      return {
        ...EMPTY,
        kind: 'output',
        head: l10n.t('Output'),
        meta: isLong ? inWords(l10n, '{0} lines', rest.length + 1) : '',
        body: isLong ? text : first,
      };
    }
    case 'error':
      return { ...EMPTY, kind: 'error', state: 'bad', head: l10n.t('Error'), body: text };
    case 'info':
      return { ...EMPTY, kind: 'note', head: headline(about === undefined ? text : noteWords(l10n, about), HEAD) };
  }
}

export function planTitle({ l10n }: RowContext, { steps }: EntryOf<'plan'>): string {
  const done = steps.filter(({ status }) => status === 'completed').length;
  return l10n.t('Plan: {0} of {1}', done, steps.length);
}

export function stepsOf({ l10n }: RowContext, steps: readonly PlanStep[]): TranscriptStep[] {
  const words = { pending: l10n.t('open'), inProgress: l10n.t('in progress'), completed: l10n.t('completed') };
  return steps.map(({ text, status }) => ({ text, state: status, spoken: words[status] }));
}

function usageWords({ l10n, formats }: RowContext, entry: EntryOf<'usage'>): string {
  const { inputTokens, outputTokens, cacheHits, costUsd } = entry;
  const tokens = l10n.t(
    '{0} in, {1} out, {2} from cache',
    formats.count(inputTokens),
    formats.count(outputTokens),
    formats.count(cacheHits),
  );
  return costUsd === null ? tokens : `${tokens} · ${formats.dollars(costUsd)}`;
}
