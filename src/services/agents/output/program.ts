/** What Intercore knows of a program that agents of a kind run: its output, its failures, and what it needs. */
import type * as z from 'zod';
import type { Answer } from '../../../host/process/programs';
import type { FailurePattern } from '../../../kernel/failure/classify';
import { EventReader, type EventCounter } from './eventReader';
import { eventParser, type EventParser } from './eventParser';
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
export interface LineRenderer {
  (line: string): string[] | undefined;
  /** The rest of a text that had no line end when the log ended. */
  readonly end?: () => string[];
}

/** The readable lines of one event; undefined for one without the fields that make it readable. */
export interface EventRenderer<E> {
  (event: E): string[] | undefined;
  readonly end?: () => string[];
}

/** A program that prints events: what reads its lines, and what counts and shows them. */
interface EventRoles<E> extends Pick<AgentProgram, 'failures' | 'signIn' | 'needs'> {
  readonly counter: (printed: PrintedLines) => EventCounter<E>;
  readonly renderer: () => EventRenderer<E>;
}

export interface EventProgram<E> extends EventRoles<E> {
  /** The only declaration of its lines. */
  readonly lines: z.ZodType<E>;
}

/** Counting and rendering take the events of one declaration, so no other program's renderer compiles here. */
export function eventProgram<E>({ lines, ...roles }: EventProgram<E>): AgentProgram {
  return programWith(eventParser(lines), roles);
}

/** A program whose lines have a parser of their own. */
export function programWith<E>(parse: EventParser<E>, roles: EventRoles<E>): AgentProgram {
  const { counter, renderer, ...rest } = roles;
  return {
    ...rest,
    reader: () => new EventReader(parse, counter),
    renderer: () => {
      const render = renderer();
      const { end } = render;
      const renderLine: LineRenderer = (line) => {
        const parsed = parse(line);
        // A line with a field of an unexpected type is shown unchanged.
        return parsed.kind === 'event' && parsed.isExact ? render(parsed.event) : undefined;
      };
      return end === undefined ? renderLine : Object.assign(renderLine, { end });
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
