/**
 * Failures (`docs/design/failures.md`). A failure is a code of a closed union, the facts of that code, and a sentence
 * made from them in one exhaustive table. Expected negative outcomes (a blocked gate, a paused run) are values, not
 * failures.
 */
import type { ErrorCode, ErrorFacts } from './errorFacts';
import { SENTENCES } from './errorSentences';
import { fill } from './reasons/fill';
import type { Sentence } from './sentence';
import { STATE_SENTENCES } from './stateSentences';

export type { ErrorCode, ErrorFacts } from './errorFacts';
export { fill } from './reasons/fill';

/** A sentence with the values of its placeholders. */
export interface FailureSentence extends Sentence {
  readonly values: Readonly<Record<string, string | number>>;
}

/**
 * The sentence of a failure: from the table of states if a task's state refused the step, else of codes. A subject and
 * a reason of ours are part of the sentence, so that each has its own translation.
 */
export function sentenceOf(code: ErrorCode, facts: ErrorFacts[ErrorCode]): FailureSentence {
  if ('refusal' in facts) return { ...STATE_SENTENCES[facts.refusal], values: { ...facts } };
  const sentence = SENTENCES[code];
  if ('what' in facts) return { ...withPart(sentence, 'what', facts.what), values: { ...facts } };
  if (!('problem' in facts)) return { ...sentence, values: { ...facts } };
  const { problem } = facts;
  const values = { ...facts, problem: problem.text };
  if (!('clause' in problem)) return { ...sentence, values };
  return { ...withPart(sentence, 'problem', problem.clause), values: { ...problem.facts, ...values } };
}

/** The sentence that is translated: with a subject or a reason in it. */
export function withPart({ text, hint }: Sentence, name: 'what' | 'problem', part: string): Sentence {
  return { text: fill(text, { [name]: part }), hint };
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
    const { text, hint, values } = sentenceOf(code, facts);
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
