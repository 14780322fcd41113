/**
 * Stored texts in the language of the reader. A text that our code wrote is found again by the declaration that it was
 * made from, and translated with its facts. Text of agents, git, and other programs stays as it is.
 */
import { SENTENCES } from './errorSentences';
import { withPart } from './errors';
import { countsOf, inNumber, inWords } from './reasons/fill';
import { STATE_SENTENCES } from './stateSentences';
import { STORED_REASONS } from './reasons/storedReasons';
import { NOT_FOUND_SUBJECTS, STALE_SUBJECTS, STATE_SUBJECTS } from './subjects';

/** `bundle`: the translations of the editor's language, by their English text. `vscode.l10n` is one. */
interface Translator {
  t(message: string): string;
  readonly bundle?: Bundle | undefined;
}
type Bundle = Readonly<Record<string, string>>;
type Facts = Readonly<Record<string, string | number>>;

/** A declared text, taken apart at its placeholders. */
interface Template {
  readonly text: string;
  /** One more than names. */
  readonly parts: readonly string[];
  readonly names: readonly string[];
  /** How much of it is not a placeholder: what is matched by two is the one that says more. */
  readonly weight: number;
}

/** Facts that may be a text of ours again. */
const QUOTING: readonly string[] = ['problem', 'reason'];
/** Facts that are a label of ours, such as the stage of a task. */
const LABELS: readonly string[] = ['step'];
const DEEPEST = 3;

/** A text with fewer words of its own would be found in texts of others, one that starts with a fact even more so. */
const LEAST_WEIGHT = 7;
const LEAST_WITHOUT_START = 12;

/** Between texts that are stored as one. */
const JOINT = ' · ';
/** Between what several conditions of a gate found. */
const LIST_JOINT = '; ';

/** What is word for word a sentence of ours has at least these many words, so that a short answer of an agent stays. */
const LEAST_WORDS = 5;

/** Reasons are stored with less; a longer text is not ours. */
const LONGEST = 10_000;

/** A stored text as it is shown. */
export function shownReason(l10n: Translator, stored: string): string {
  return stored.length > LONGEST ? stored : shown(l10n, stored, 0);
}

/** The facts of a text to translate, of which some are stored texts, and some are texts of a table. */
export function shownFacts(l10n: Translator, facts: Facts): Facts {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]): readonly [string, string | number] => {
      if (typeof value !== 'string') return [name, value];
      if (QUOTING.includes(name)) return [name, shownReason(l10n, value)];
      return [name, LABELS.includes(name) ? l10n.t(value) : value];
    }),
  );
}

function shown(l10n: Translator, stored: string, depth: number): string {
  const conditions = stored.split(LIST_JOINT);
  if (conditions.length > 1 && conditions.every((text) => declared(text, l10n.bundle) !== undefined))
    return conditions.map((text) => shown(l10n, text, depth)).join(LIST_JOINT);
  const found = depth < DEEPEST ? declared(stored, l10n.bundle) : undefined;
  if (found !== undefined) {
    const facts = Object.entries(found.facts).map(([name, value]): readonly [string, string] => [
      name,
      QUOTING.includes(name) ? shown(l10n, value, depth + 1) : value,
    ]);
    return inWords(l10n, found.text, Object.fromEntries(facts));
  }
  const texts = stored.split(JOINT);
  if (texts.length > 1) return texts.map((text) => shown(l10n, text, DEEPEST - 1)).join(JOINT);
  return wholeSentence(l10n.bundle, stored) ?? stored;
}

/** The translation of what is word for word a sentence of ours, such as the remedy of an agent's failure. */
function wholeSentence(bundle: Bundle | undefined, text: string): string | undefined {
  if (bundle === undefined || !Object.hasOwn(bundle, text)) return undefined;
  const isSentence = text.endsWith('.') && !text.includes('{') && text.split(' ').length >= LEAST_WORDS;
  return isSentence ? bundle[text] : undefined;
}

/** The declaration of a text of ours, with the facts in it. */
export function declared(
  stored: string,
  bundle?: Bundle,
): { readonly text: string; readonly facts: Readonly<Record<string, string>> } | undefined {
  for (const template of templates(bundle)) {
    const values = valuesIn(template.parts, stored);
    if (values !== undefined)
      return {
        text: template.text,
        facts: Object.fromEntries(template.names.map((name, at) => [name, values[at] ?? ''])),
      };
  }
  return undefined;
}

/** What stands between the parts, from left to right. In time in proportion to the text. */
function valuesIn(parts: readonly string[], text: string): readonly string[] | undefined {
  const [first = '', ...others] = parts;
  if (!text.startsWith(first)) return undefined;
  const last = others.pop();
  if (last === undefined) return text === first ? [] : undefined;
  const end = text.length - last.length;
  if (end < first.length || !text.endsWith(last)) return undefined;
  const values: string[] = [];
  let from = first.length;
  for (const part of others) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > end) return undefined;
    values.push(text.slice(from, at));
    from = at + part.length;
  }
  return [...values, text.slice(from, end)];
}

let withoutBundle: readonly Template[] | undefined;
const ofBundles = new WeakMap<Bundle, readonly Template[]>();

/** Those with the most own words first. They are taken apart when the first text is shown. */
function templates(bundle: Bundle | undefined): readonly Template[] {
  if (bundle === undefined) return (withoutBundle ??= takenApart(storedTexts()));
  const known = ofBundles.get(bundle) ?? takenApart([...storedTexts(), ...withReasons(Object.keys(bundle))]);
  ofBundles.set(bundle, known);
  return known;
}

/**
 * The sentences of failures with each of their reasons (`reasons.ts`), from the texts of the bundle. A window would load
 * all reasons when it starts; the bundle has them, and is loaded only where they are translated.
 */
function withReasons(texts: readonly string[]): readonly string[] {
  const frames = Object.values(SENTENCES).flatMap(({ text }) => {
    const [start = '', end] = text.split('{problem}');
    return end === undefined || start === '' ? [] : [{ start, end }];
  });
  return texts.filter((text) =>
    frames.some(
      ({ start, end }) => text.startsWith(start) && text.endsWith(end) && text.length > start.length + end.length,
    ),
  );
}

function takenApart(texts: readonly string[]): readonly Template[] {
  return [...new Set(texts.flatMap((text) => [text, ...countsOf(text).map((name) => inNumber(text, { [name]: 1 }))]))]
    .map((text) => {
      const parts = text.split(/\{\w+\}/);
      const names = [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
      return { text, parts, names, weight: parts.join('').trim().length };
    })
    .filter(({ text, weight }) => weight >= (text.startsWith('{') ? LEAST_WITHOUT_START : LEAST_WEIGHT))
    .sort((a, b) => b.weight - a.weight);
}

/** What is searched for in each language: the reasons of records, and the sentences of failures. */
export function storedTexts(): readonly string[] {
  const { NOT_FOUND, STALE, TASK_STATE, ...others } = SENTENCES;
  const sentences = [
    ...[...Object.values(others), ...Object.values(STATE_SENTENCES)],
    ...NOT_FOUND_SUBJECTS.map((what) => withPart(NOT_FOUND, 'what', what)),
    ...STALE_SUBJECTS.map((what) => withPart(STALE, 'what', what)),
    ...STATE_SUBJECTS.map((what) => withPart(TASK_STATE, 'what', what)),
  ];
  return [...STORED_REASONS, ...sentences.map(({ text }) => text)];
}
