/**
 * Arguments of git: options that this program uses, and values. A value that git could read as an option never reaches
 * a command line (`docs/design/trust.md`).
 */
import { KernelError } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';
import { progressFlags } from './config/timeLimits';

/** Allowed options; those that end in `=` are followed by a value. */
const OPTIONS: ReadonlySet<string> = new Set([
  '--abbrev-ref',
  '--absolute-git-dir',
  '--all',
  '--bare',
  '--branch',
  '--cached',
  '--contains',
  '--count=',
  '--delete',
  '--detach',
  '--diff-filter=',
  '--exclude-standard',
  '--ff-only',
  '--find-renames',
  '--force',
  '--force-with-lease=',
  '--format=',
  '--full-tree',
  '--get',
  '--get-regexp',
  '--git-common-dir',
  '--git-path',
  '--hard',
  '--ignored',
  '--ignore-submodules=',
  '--initial-branch=',
  '--is-ancestor',
  '--is-bare-repository',
  '--list',
  '--local',
  '--max-count=',
  '--merge-base=',
  '--name-only',
  '--name-status',
  '--no-checkout',
  '--no-commit-id',
  '--no-ext-diff',
  '--no-messages',
  '--no-tags',
  '--no-textconv',
  '--no-track',
  '--not',
  '--null',
  '--numstat',
  '--object-format=',
  '--others',
  '--porcelain',
  '--porcelain=v2',
  '--progress',
  '--prune',
  '--quiet',
  '--remotes',
  '--remove-section',
  '--reset',
  '--reverse',
  '--short',
  '--show-object-format',
  '--show-scope',
  '--show-toplevel',
  '--since=',
  '--sort=',
  '--source=',
  '--staged',
  '--symref',
  '--untracked-files=',
  '--verify',
  '--walk-reflogs',
  '--worktree',
  '--write-tree',
  '-b',
  '-m',
  '-p',
  '-q',
  '-r',
  '--lock',
  '--add',
  '--blob=',
  '--cacheinfo',
  '--depth=',
  '--exclude=',
  '--exclude-from=',
  '--prefix=',
  '--directory',
  '--hash',
  '--ignore-missing',
  '--no-walk',
  '--parents',
  '--ignore-submodules',
  '--no-auto-maintenance',
  '--no-empty-directory',
  '--no-index',
  '--no-recurse-submodules',
  '--no-renames',
  '--no-write-fetch-head',
  '--non-matching',
  '--path-format=',
  '--really-refresh',
  '--refresh',
  '--upload-pack=git-upload-pack',
  '--verbose',
  '-d',
  '-S',
  '-t',
  '-u',
  '-v',
  '-z',
]);
/** Options whose value is the next argument. */
export const OPTIONS_WITH_VALUE: ReadonlySet<string> = new Set([
  '--contains',
  '--message',
  '--origin',
  '-b',
  '-m',
  '-p',
  '--cacheinfo',
  '--reason',
]);
const MESSAGES: ReadonlySet<string> = new Set(['--message', '-m']);
const ENDS: ReadonlySet<string> = new Set(['--', '--end-of-options']);

/** Options that a command always gets, so that it runs no program of a repository. */
const ALWAYS: Readonly<Record<string, readonly string[]>> = {
  blame: ['--no-textconv'],
  diff: ['--no-ext-diff', '--no-textconv', '--ignore-submodules=dirty'],
  'diff-files': ['--no-ext-diff', '--no-textconv', '--ignore-submodules=dirty'],
  'diff-index': ['--no-ext-diff', '--no-textconv', '--ignore-submodules=dirty'],
  'diff-tree': ['--no-ext-diff', '--no-textconv'],
  // Of several programs configured for a remote git uses the first, which later settings do not override.
  fetch: ['--upload-pack=git-upload-pack'],
  'ls-remote': ['--upload-pack=git-upload-pack'],
  push: ['--receive-pack=git-receive-pack'],
  grep: ['--no-textconv'],
  log: ['--no-ext-diff', '--no-textconv'],
  show: ['--no-ext-diff', '--no-textconv'],
  status: ['--ignore-submodules=dirty'],
};

/**
 * The arguments to run git with. A later version of git must not mistake a value for an option, so no value may start
 * with a dash, except the message of a commit.
 * @throws KernelError `INVALID_ARGUMENT` for an option that is not allowed
 */
export function gitArguments(args: readonly string[]): string[] {
  const [command = '', ...rest] = args;
  for (let index = 0; index < rest.length; index += 1) {
    const argument = rest[index] ?? '';
    if (ENDS.has(argument)) break;
    if (!argument.startsWith('-')) continue;
    if (!isKnown(argument)) refuse(argument);
    if (!OPTIONS_WITH_VALUE.has(argument)) continue;
    index += 1;
    if (!MESSAGES.has(argument) && rest[index]?.startsWith('-') === true) refuse(rest[index] ?? '');
  }
  return [command, ...(ALWAYS[command] ?? []), ...progressFlags(args), ...rest];
}

function isKnown(argument: string): boolean {
  const end = argument.indexOf('=');
  return (
    OPTIONS.has(argument) || OPTIONS_WITH_VALUE.has(argument) || (end > 0 && OPTIONS.has(argument.slice(0, end + 1)))
  );
}

function refuse(argument: string): never {
  throw new KernelError('INVALID_ARGUMENT', {
    argument: 'git argument',
    problem: because('"{text}" is not an allowed option', { text: argument }),
  });
}
