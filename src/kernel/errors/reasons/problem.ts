/** What caused a failure: a reason of ours, which is translated with its sentence, or text from outside, which is not. */
import { fill } from './fill';
import type { Clause, REASONS } from './reasons';

/** A reason of a closed table, `REASONS` for failures. */
export interface Reason<T extends string = Clause> {
  readonly clause: T;
  readonly facts: Readonly<Record<string, string | number>>;
  /** In English. */
  readonly text: string;
}

const FOREIGN = Symbol('foreign');

/** Text that git, the system, a library, or another program wrote. */
export interface ForeignText {
  readonly text: string;
  readonly [FOREIGN]: true;
}

/** The `problem` of a failure with the code `C`. */
export type Problem<C extends keyof typeof REASONS> = ForeignText | Reason<Clause<C>>;

type Placeholder<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;
type FactsOf<T extends string> = Readonly<Record<Placeholder<T>, string | number>>;

/** @example because('there is a run {id} already', { id }) */
export function because<const T extends string>(
  clause: T,
  ...[facts]: [Placeholder<T>] extends [never] ? [] : [FactsOf<T>]
): Reason<T> {
  const values = facts ?? {};
  return { clause, facts: values, text: fill(clause, values) };
}

/** Does not compile with a literal or a template: what we write is a reason. */
export function foreignText<const T extends string>(text: string extends T ? T : never): ForeignText {
  return { text, [FOREIGN]: true };
}
