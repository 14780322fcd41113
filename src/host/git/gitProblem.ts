/** The error of a failed git call: one type for each cause with its own remedy, and the lines that state the cause. */
import { stat } from 'node:fs/promises';
import { KernelError } from '../../kernel/errors/errors';
import { because, foreignText, type Problem } from '../../kernel/errors/reasons/problem';
import { defined } from '../../kernel/defined';
import { ifThere } from '../files/fileErrors';
import { endHelpers } from '../process/gitHelpers';
import { redactedEnd } from './redaction';

export interface GitFailure {
  /** As typed: `git fetch`. */
  readonly command: string;
  readonly folder: string;
  readonly cause: unknown;
  /** The time without a sign of life after which git was ended; 0 for none. */
  readonly limitMs: number;
  readonly exitCode?: number;
  /** The variable and its value that mark processes of this call of git; absent if the caller ends them. */
  readonly call?: readonly [string, string];
}

const NOT_STARTED = /spawn git ENOENT|directory that does not exist/;
/** The messages of simple-git and ours about a git that was ended. */
export const NO_PROGRESS = 'block timeout reached';
const ABORTED = /^Abort (?:signal received|already signaled)/;
/** Programs that git starts between itself and a program of the user. */
const OF_GIT = /^(?:git|git-remote-\w+|sh|bash|dash)$/;
const DUBIOUS = /detected dubious ownership/;
const NO_REPOSITORY = /not a git repository/;
const BARE = /cannot use bare repository|must be run in a work tree/;
/** A partial clone whose missing files could not be fetched. */
const NOT_FETCHED = /could not fetch [0-9a-f]+ from promisor remote/;
/** Files of the repository that git cannot parse: index, configuration, packed branches. */
const DAMAGED =
  /index file (?:smaller than expected|corrupt)|bad signature 0x|bad index (?:file|version)|bad config (?:line|variable)|unknown error occurred while reading the configuration|unexpected line in \S*packed-refs|invalid gitfile format|Expected git repo version/;
const NO_OBJECTS =
  /bad (?:tree )?object (?![0-9a-f]{40})|bad ref \S+ \([0-9a-f]+\)|missing object [0-9a-f]|unable to read (?:tree|sha1 file)|unable to normalize alternate object path|check \S*alternates|object [0-9a-f]{40,64} .*is corrupt|object file \S+ is empty|unable to unpack [0-9a-f]+ header|too short to be a packfile|packfile \S+ (?:is truncated|cannot be (?:accessed|opened|mapped)|claims to have|does not match)/;
/** About a file on this machine: a server refuses in separate lines, and ssh in brackets. */
const REFUSED =
  /^(?!remote:)(?=.*: (?:Permission denied|Read-only file system|Operation not permitted)\s*$).*?(?:unable|could not|cannot|can't|failed|error)/im;
const NO_LFS =
  /git-lfs\S{0,100}:? (?:command )?not found|'lfs' is not a git command|'git-lfs' is not recognized|cannot run git-lfs/;

export async function gitProblem({
  command,
  folder,
  cause,
  limitMs,
  exitCode,
  call,
}: GitFailure): Promise<KernelError> {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (NOT_STARTED.test(text)) {
    const isThere = (await ifThere(stat(folder))) !== undefined;
    return isThere ? new KernelError('GIT_MISSING', {}) : new KernelError('FOLDER_MISSING', { path: folder });
  }
  const isSilent = text.startsWith(NO_PROGRESS);
  // Git was ended, but not the programs it was waiting for.
  const left = call !== undefined && (isSilent || ABORTED.test(text)) ? await endHelpers(...call) : [];
  if (isSilent) {
    const program = left.find((name) => !OF_GIT.test(name));
    const seconds = Math.round(limitMs / 1000);
    if (program !== undefined) return new KernelError('GIT_PROGRAM_WAITED', { command, folder, program, seconds });
    return new KernelError('GIT_TIMEOUT', { command, folder, seconds });
  }
  const said = problemOf(cause);
  const problem = foreignText(said);
  if (DUBIOUS.test(text)) return new KernelError('GIT_OWNERSHIP', { folder });
  if (BARE.test(text)) return new KernelError('REPOSITORY_BARE', { folder });
  if (NO_LFS.test(text)) return new KernelError('GIT_LFS_MISSING', { command, folder });
  if (NOT_FETCHED.test(text)) return new KernelError('GIT_FILES_MISSING', { command, folder, problem });
  if (REFUSED.test(text)) return new KernelError('GIT_ACCESS_REFUSED', { folder, problem });
  if (DAMAGED.test(text)) return new KernelError('REPOSITORY_DAMAGED', { folder, problem });
  if (NO_OBJECTS.test(text)) return new KernelError('OBJECTS_MISSING', { folder, problem });
  if (NO_REPOSITORY.test(text)) return new KernelError('GIT_REPOSITORY_MISSING', { folder });
  const reason = said === '' ? unsaid(exitCode) : problem;
  return new KernelError('GIT_FAILED', { command, folder, problem: reason, ...defined({ exitCode }) });
}

/** A git that was killed, or ended, has printed nothing. */
function unsaid(exitCode: number | null | undefined): Problem<'GIT_FAILED'> {
  if (typeof exitCode === 'number') return because('git printed no reason (exit code {code})', { code: exitCode });
  return because('git was ended by another program');
}

/** A server that refuses a push explains it in several lines. */
const MAX_REASONS = 6;
/** Lines of a hook or a filter before git's own. */
const MAX_BEFORE = 2;
const NAMED_FILES = 5;
/** Lists after a sentence of git: files that would be overwritten, one in each line. */
const LISTED = /:\r?\n((?:\t.*(?:\r?\n|$))+)/g;
const TELLING = /^(?:fatal|error|remote|CONFLICT|gpg: | ! \[)/;
/** Progress, hints, and reports of successful steps. */
const NOISE =
  /^(?:remote: +)?(?:(?:Updating|Receiving|Resolving|Counting|Compressing|Enumerating|Unpacking|Writing|Filtering|Checking)\b.*(?:\d%|done)|Total \d|hint:|warning:|From |To |Cloning into|Preparing worktree|HEAD is now| [*+-] |   [0-9a-f]+\.\.)/;

/** The lines with the cause, without secrets and git's own prefix. The first and the last of many are kept. */
export function problemOf(cause: unknown): string {
  const text = redactedEnd(cause instanceof Error ? cause.message : String(cause));
  const all = text
    .replace(LISTED, inOneLine)
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '' && !line.startsWith('hint:'));
  const lines = all.filter((line) => !NOISE.test(line));
  const telling = lines.filter((line) => TELLING.test(line));
  const first = lines.findIndex((line) => TELLING.test(line));
  const before = lines.slice(Math.max(0, first - MAX_BEFORE), Math.max(0, first));
  const reasons = telling.length > 0 ? [...before, ...telling] : lines.length > 0 ? lines : all;
  return ends(reasons)
    .map((line) => line.replace(/^(fatal|error): /, '').trim())
    .join('; ');
}

/** The cause comes first, and its consequences last. */
function ends(lines: readonly string[]): readonly string[] {
  if (lines.length <= MAX_REASONS) return lines;
  return [...lines.slice(0, MAX_REASONS / 2), ...lines.slice(-MAX_REASONS / 2)];
}

function inOneLine(_: string, listed: string): string {
  const names = listed.split('\n').flatMap((line) => line.trim() || []);
  const more = names.length > NAMED_FILES ? ', …' : '';
  return `: ${names.slice(0, NAMED_FILES).join(', ')}${more}\n`;
}
