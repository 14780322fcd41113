/** What Intercore knows of a program that agents of a kind run: its output, its failures, and what it needs. */
import type { Answer } from '../../../host/process/programs';
import type { FailurePattern } from '../../../kernel/failure/classify';
import type { OutputReader } from './report';

export interface AgentProgram {
  /** Counts what the agent did, line by line. */
  reader(): OutputReader;
  /** Shows its log as text. Left out: lines are shown unchanged. */
  readonly renderer?: () => LineRenderer;
  readonly failures: readonly FailurePattern[];
  /** Left out: the doctor only searches for it on PATH, since running it may have effects. */
  readonly signIn?: ProgramSignIn;
  /** From the documentation of its command line. Credentials may be in files, a region may not. */
  readonly needs: readonly VariableNeed[];
}

/** The readable lines of a line's JSON; undefined for an unknown line. One for each log, since it may remember. */
export type LineRenderer = (value: unknown) => string[] | undefined;

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
