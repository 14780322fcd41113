/**
 * Failures (`docs/design/failures.md`). A failure is a code of a closed union, the facts of that code, and a sentence
 * made from them in one exhaustive table. Expected negative outcomes (a blocked gate, a paused run) are values, not
 * failures.
 */
import type { ErrorCode, ErrorFacts } from './errorFacts';
import { SENTENCES } from './errorSentences';
import type { Sentence } from './sentence';
import { STATE_SENTENCES } from './stateSentences';

export type { ErrorCode, ErrorFacts } from './errorFacts';

/** Fills the `{name}` placeholders of a template. A placeholder without a fact is left as it is. */
export function fill(template: string, facts: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    name in facts ? String(facts[name]) : placeholder,
  );
}

/**
 * The sentence of a failure: from the table of states if a task's state refused the step, else of codes. A subject is
 * part of the sentence, so that each has its own translation.
 */
export function sentenceOf(code: ErrorCode, facts: ErrorFacts[ErrorCode]): Sentence {
  if ('refusal' in facts) return STATE_SENTENCES[facts.refusal];
  return 'what' in facts ? aboutSubject(SENTENCES[code], facts.what) : SENTENCES[code];
}

export function aboutSubject({ text, hint }: Sentence, what: string): Sentence {
  return { text: fill(text, { what }), hint };
}

/** Marks our failures: a program that loads two of our bundles has the class twice. */
const MARK = Symbol.for('intercore.KernelError');

/**
 * A failure with a sentence for users. `message` is that sentence in English; `hint` is what the user can do.
 * @example throw new KernelError('NOT_FOUND', { what: 'run', id })
 */
export class KernelError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'KernelError';
  readonly hint: string;
  readonly [MARK] = true;

  constructor(
    readonly code: C,
    readonly facts: ErrorFacts[C],
    options?: { cause?: unknown },
  ) {
    const values = facts as Readonly<Record<string, string | number>>;
    const { text, hint } = sentenceOf(code, facts);
    super(fill(text, values), options);
    this.hint = fill(hint, values);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && MARK in value;
  }

  /** Narrows an unknown failure to one code. */
  static is<C extends ErrorCode>(error: unknown, code: C): error is KernelError<C> {
    return error instanceof KernelError && error.code === code;
  }
}

/** Whether a stored text is the sentence of this code, which is not stored with it. */
export function isSentenceOf(code: ErrorCode, text: string): boolean {
  return text.startsWith(SENTENCES[code].text.replace(/\{.*/s, ''));
}

/** The text of any thrown value, for a fact called `problem`. Some libraries throw bare strings. */
export function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether a caught value is one of ours, with the facts of its code still tied to it. */
export function isKernelError(error: unknown): error is KernelError {
  return error instanceof KernelError;
}

/** Whether a record lacks the tables or columns that a query needs, as one of another version does. */
export function lacksTables(error: unknown): boolean {
  return KernelError.is(error, 'SQL_FAILED') || KernelError.is(error, 'DATABASE_NEWER');
}
