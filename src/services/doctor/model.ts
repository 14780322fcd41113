/** The input of checks and the form of their findings. Checks do not know the editor and change nothing. */
import type { KindChoice } from '../../contract/results/agentKinds';
import type { AgentKind } from '../../contract/agentKinds';
import type { DoctorCheck, DoctorFinding, DoctorFix, FindingFacts, FindingLevel } from '../../contract/results/doctor';
import type { Git } from '../../host/git/git';
import type { Answer } from '../../host/process/programs';
import { fill, sentenceOf, type KernelError } from '../../kernel/errors/errors';
import type { ForeignText, Reason } from '../../kernel/errors/reasons/problem';
import type { ProjectKernel } from '../record/projectKernel';
import type { Visibilities } from './visibility';
import type { FINDING_REASONS, FindingClause } from './findingReasons';
import { FINDINGS, type FindingCode, type FindingWords } from './findings';

/** The GitHub sign-in, read without prompting the user. */
export type GitHubSignIn =
  | { readonly kind: 'signedIn'; readonly scopes: readonly string[] }
  | { readonly kind: 'signedOut' }
  /** In an environment variable of this name. */
  | { readonly kind: 'token'; readonly variable: string }
  | { readonly kind: 'unknown'; readonly problem: ForeignText | Reason<FindingClause<'GITHUB_UNKNOWN'>> };

export interface InvalidSetting {
  readonly setting: string;
  readonly problem: string;
}

/** The default agent kind of a folder. */
export interface FolderKind {
  readonly folder: string;
  readonly choice: KindChoice;
}

/** What the doctor checks; a window and a shell fill in different parts. */
export interface DoctorInput {
  /** `editor`: a window, which sets the environment of its terminals and agents. */
  readonly place: 'editor' | 'shell';
  /** Name and version of the program that runs the doctor. */
  readonly program: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Determines where this user's state is; defaults to the environment of this process. */
  readonly stateEnvironment?: NodeJS.ProcessEnv;
  /** The setting `intercore.agents.passEnv`. */
  readonly passEnv: readonly string[];
  /** Why the variables of the login shell are unknown; undefined if they are known or not needed. */
  readonly loginShellProblem?: string | undefined;
  /** Whether programs may be started. */
  readonly trusted: boolean;
  readonly git: Git;
  readonly kinds: readonly AgentKind[];
  /** Names of the agent kinds that settings choose for work here. */
  readonly chosenKinds: readonly string[];
  /** The default kinds of the folders. */
  readonly defaultKinds: readonly FolderKind[];
  readonly invalidSettings: readonly InvalidSetting[];
  /** Of projects. */
  readonly kernels: readonly ProjectKernel[];
  /** Also those of portfolios. */
  readonly databases: readonly ProjectKernel[];
  /** Where prompts, logs and worktrees are kept. */
  readonly storageFolders: readonly string[];
  /** The folder of our `ic`. */
  readonly icFolder: string;
  /** The setting `intercore.terminal.addToPath`. */
  readonly addsToPath: boolean;
  readonly github: () => Promise<GitHubSignIn>;
  /** How agents that run in sessions are started, where that is asked for. */
  readonly agentStarts: AgentStarts;
}

export interface AgentStarts {
  /** The program that talks to agents in sessions. */
  readonly hostPath: string;
  /** In which consent is given. */
  readonly folder: string;
  /** Whether the person has allowed the kind here, as for dispatches. */
  readonly isAllowed: (kind: AgentKind) => boolean;
}

export interface Examination extends DoctorInput {
  /** Aborted when the caller stops waiting for the check. */
  readonly signal: AbortSignal;
  /** Whether the caller asked to start agents. */
  readonly startsAgents: boolean;
  /** Checked before anything else reads a folder. */
  readonly visibility: Pick<Visibilities, 'of'>;
  /** Runs a program that was found, by default with the environment of agents. */
  readonly ask: (program: string, args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<Answer>;
}

/** One check. */
export interface Check {
  readonly id: DoctorCheck;
  /** It starts programs, so it is skipped where that is not allowed. */
  readonly starts: boolean;
  /** Left out: that of most checks. */
  readonly limitMs?: number;
  look(examination: Examination): Promise<readonly Found[]>;
}

/** A finding before it knows which check it belongs to. */
export interface Found {
  readonly code: FindingCode;
  readonly facts: FindingFacts;
  readonly level: FindingLevel;
  readonly fix: DoctorFix | null;
}

/** A problem that we word is a reason of `FINDING_REASONS`. */
type FoundFacts<C extends FindingCode> = Readonly<
  Record<string, string | number | ForeignText | Reason<FindingClause>>
> & {
  readonly problem?: ForeignText | (C extends keyof typeof FINDING_REASONS ? Reason<FindingClause<C>> : never);
};

interface FoundOptions {
  readonly fix?: DoctorFix;
  /** Overrides the level of the finding. */
  readonly level?: FindingLevel;
  /** A failure whose sentence and hint the texts of the finding contain. */
  readonly error?: KernelError;
}

/** Facts of a failure or a reason, with the texts that are translated before they are filled in. */
export function found<C extends FindingCode>(code: C, given?: FoundFacts<C>, options: FoundOptions = {}): Found {
  const facts = { ...(options.error && factsOf(options.error)), ...plainFacts(given ?? {}) };
  return { code, facts, level: options.level ?? FINDINGS[code].level, fix: options.fix ?? null };
}

function factsOf(error: KernelError): FindingFacts {
  const { text, hint, values } = sentenceOf(error.code, error.facts);
  return { ...values, problem: error.message, hint: error.hint, problemText: text, hintText: hint };
}

function plainFacts(given: Readonly<Record<string, string | number | ForeignText | Reason<string>>>): FindingFacts {
  const facts: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'object') facts[name] = value;
    else if ('clause' in value) Object.assign(facts, value.facts, { [name]: value.text, because: value.clause });
    else facts[name] = value.text;
  }
  return facts;
}

/** The sentences of a finding. The caller fills the templates, so it can translate them. */
export function sentencesOf(
  code: string,
  facts: FindingFacts,
  translate: (template: string, facts: FindingFacts) => string = fill,
): Pick<DoctorFinding, 'saw' | 'why' | 'remedy'> {
  const known: Readonly<Record<string, FindingWords>> = FINDINGS;
  const words = known[code];
  if (words === undefined) return { saw: code, why: '', remedy: '' };
  const { because, problemText, hintText } = facts;
  const shown =
    problemText === undefined || hintText === undefined
      ? facts
      : { ...facts, problem: translate(String(problemText), facts), hint: translate(String(hintText), facts) };
  const inWords = (template = ''): string =>
    translate(because === undefined ? template : fill(template, { problem: because }), shown);
  return { saw: inWords(words.saw), why: inWords(words.why), remedy: inWords(words.remedy) };
}
