/** What Intercore knows of a program that agents of a kind run: its output, its failures, and what it needs. */
import type * as z from 'zod';
import type { Answer } from '../../../host/process/programs';
import type { FailurePattern } from '../../../kernel/failure/classify';
import { EventReader, type EventCounter } from './eventReader';
import { eventParser } from './eventParser';
import type { PrintedLines } from './printedLines';
import type { OutputReader } from './report';

export interface AgentProgram {
  /** Counts what the agent did, line by line. */
  readonly reader: () => OutputReader;
  /** Shows its log as text, or its lines unchanged. */
  readonly renderer: (() => LineRenderer) | 'unchanged';
  readonly failures: readonly FailurePattern[];
  /** Left out: the doctor only searches for it on PATH, since running it may have effects. */
  readonly signIn?: ProgramSignIn;
  /** From the documentation of its command line. Credentials may be in files, a region may not. */
  readonly needs: readonly VariableNeed[];
}

/** The readable lines of one line; undefined for an unknown line. One for each log, since it may remember. */
export type LineRenderer = (line: string) => string[] | undefined;

/** The readable lines of one event; undefined for one without the fields that make it readable. */
export type EventRenderer<E> = (event: E) => string[] | undefined;

/** A program that prints events: how its lines look, and what counts and shows them. */
export interface EventProgram<E> extends Pick<AgentProgram, 'failures' | 'signIn' | 'needs'> {
  /** The only declaration of its lines. */
  readonly lines: z.ZodType<E>;
  readonly counter: (printed: PrintedLines) => EventCounter<E>;
  readonly renderer: () => EventRenderer<E>;
}

/** Counting and rendering take the events of one declaration, so no other program's renderer compiles here. */
export function eventProgram<E>({ lines, counter, renderer, ...rest }: EventProgram<E>): AgentProgram {
  const parse = eventParser(lines);
  return {
    ...rest,
    reader: () => new EventReader(parse, counter),
    renderer: () => {
      const render = renderer();
      return (line) => {
        const parsed = parse(line);
        // A line with a field of an unexpected type is shown unchanged.
        return parsed.kind === 'event' && parsed.isExact ? render(parsed.event) : undefined;
      };
    },
  };
}

/** How the doctor checks that a person is signed in. */
export interface ProgramSignIn {
  readonly install: string;
  readonly line: string;
  /** Variables that replace a sign-in. */
  readonly keys: readonly string[];
  /** Checks without the network and without prompting a model. */
  readonly status: readonly string[];
  signedIn(answer: Answer): boolean | undefined;
}

/** Variables without which a provider does not work. */
export interface VariableNeed {
  /** Set by the user to choose the provider. */
  readonly cause: string;
  /** At least one name of each list must be set. */
  readonly anyOf: readonly (readonly string[])[];
}
