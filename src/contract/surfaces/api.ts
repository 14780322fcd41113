/**
 * What `activate` returns (`docs/design/editor.md`): the operations of the record for other extensions. Commands are
 * pickers over the same operations, so names, arguments, outcomes and error codes agree. Arguments are parsed, results
 * are plain JSON.
 *
 * Every operation rejects with an error whose `code` is one of `ErrorCode`: `INVALID_ARGUMENT` for arguments that do not
 * parse, `NOT_FOUND` for ids that are not in the folder, `UNTRUSTED` for changes in an untrusted window, and what the
 * kernel's operation documents. Nothing is changed then.
 */
import type * as z from 'zod';
import type { FolderInfo, RecordChange } from '../results/records';
import { DECLARATIONS, type OperationName } from './operations';
import type { Result } from '../declarations/operation';

export type { OperationName };

type Declarations = typeof DECLARATIONS;

/** The arguments of every operation. Unknown fields are refused, so that a misspelled one is noticed. */
export const OPERATIONS = argumentsOf(DECLARATIONS);

type Arguments = { readonly [N in OperationName]: Declarations[N]['args'] };

function argumentsOf(declarations: Declarations): Arguments;
function argumentsOf(declarations: Readonly<Record<string, { readonly args: z.ZodObject }>>): object {
  return Object.fromEntries(Object.entries(declarations).map(([name, { args }]) => [name, args]));
}

export type OperationInput<N extends OperationName> = z.input<Declarations[N]['args']>;
export type OperationArgs<N extends OperationName> = z.output<Declarations[N]['args']>;

/** What each operation resolves with. */
export type OperationResults = {
  readonly [N in OperationName]: Declarations[N]['result'] extends Result<infer R> ? R : never;
};

export type Operation<N extends OperationName> = (args: OperationInput<N>) => Promise<OperationResults[N]>;

type Group<G extends string> = {
  readonly [N in OperationName as N extends `${G}.${infer Verb}` ? Verb : never]: Operation<N>;
};

/** `runs`, `gates` …: the nouns of the operations. */
export type GroupName = OperationName extends infer N ? (N extends `${infer G}.${string}` ? G : never) : never;

/** Every operation as a function, by its noun and verb: `runs.advance`. */
export type Groups = { readonly [G in GroupName]: Group<G> };

/** Version 1 only ever grows; a change that breaks a caller makes version 2. */
export interface IntercoreApi extends Groups {
  readonly version: 1;
  /** The open folders on disk, in workspace order. */
  folders(): readonly FolderInfo[];
  onDidChange(listener: (change: RecordChange) => void): { dispose(): void };
}
