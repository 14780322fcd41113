/** What the doctor reports: the state of what Intercore depends on, and how to fix it (`docs/doctor.md`). */

/** In the order of the report. */
export const DOCTOR_CHECKS = [
  'trust',
  'settings',
  'git',
  'identity',
  'node',
  'path',
  'agents',
  'sessions',
  'beads',
  'github',
  'databases',
  'permissions',
  'disk',
  'clones',
  'worktrees',
] as const;
export type DoctorCheck = (typeof DOCTOR_CHECKS)[number];

/** `info`: nothing is wrong, but a person may want to know. `problem`: something will not work. */
export const FINDING_LEVELS = ['ok', 'info', 'warning', 'problem'] as const;
export type FindingLevel = (typeof FINDING_LEVELS)[number];

/** Commands of the editor that fix something. */
export const FIXING_COMMANDS = [
  'workbench.trust.manage',
  'intercore.database.initialize',
  'intercore.database.recover',
  'intercore.database.restoreBackup',
  'intercore.portfolio.restoreBackup',
  'intercore.project.relocate',
  'intercore.project.changeBase',
  'intercore.subtask.retry',
  'intercore.worktree.cleanUp',
  'intercore.agent.addKind',
] as const;
export type FixingCommand = (typeof FIXING_COMMANDS)[number];

/** A step that fixes something. None is taken without being chosen. */
export type DoctorFix =
  /** A command of the editor, with one plain object as its argument. */
  | { readonly kind: 'command'; readonly command: FixingCommand; readonly args: FixingArguments | null }
  /** A setting to open. */
  | { readonly kind: 'setting'; readonly setting: string }
  /** A line for a shell: it is put into a terminal and not run. */
  | { readonly kind: 'shell'; readonly line: string }
  /** A page with installation instructions. */
  | { readonly kind: 'link'; readonly url: string };

type FixingArguments = Readonly<Record<string, string>>;

/** Facts that a sentence has places for. */
export type FindingFacts = Readonly<Record<string, string | number>>;

export interface DoctorFinding {
  readonly check: DoctorCheck;
  readonly level: FindingLevel;
  /** Names the sentence; a program may decide by it. */
  readonly code: string;
  /** Without secrets, and with `~` for the home directory. */
  readonly facts: FindingFacts;
  /** What was seen. */
  readonly saw: string;
  /** Why it matters; empty where all is well. */
  readonly why: string;
  /** What to do; empty where all is well. */
  readonly remedy: string;
  /** The fix that is offered, if a program can help. */
  readonly fix: DoctorFix | null;
}

export interface DoctorReport {
  /** Unix seconds. */
  readonly at: number;
  /** Of the extension or of `ic`, whichever looked. */
  readonly program: string;
  /** Operating system and processor, as Node names them. */
  readonly platform: string;
  /** In the order of the checks. */
  readonly findings: readonly DoctorFinding[];
}

/** How many findings have the level. */
export function countOf({ findings }: DoctorReport, level: FindingLevel): number {
  return findings.filter((finding) => finding.level === level).length;
}
