/**
 * Keeps a repository's configuration from naming programs. Each of its keys that could name one is overridden by the
 * user's global value, or by an empty one (`docs/design/trust.md`). The remaining keys decide names and formats.
 */
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../../kernel/errors/errors';
import { shellWord } from '../../../kernel/text/shellWord';
import { ifThere } from '../../files/fileErrors';
import { FIXED, type Setting } from './fixedConfig';
import type { GitDirectory } from './gitDirectory';

/** A stored key with its scope: `system`, `global`, `local` or `worktree`. */
interface Entry {
  readonly scope: string;
  readonly key: string;
  readonly value: string;
}

/** Lists the whole configuration of a folder: `git config --list --show-scope -z`, which runs no program. */
export type ConfigReader = () => Promise<string>;

/** A program that does nothing, and one that fails. */
const NOTHING = ':';
const FAILS = 'false';

/** The last parts of keys that name or enable a program, with the replacement of a repository's value. */
const STAND_INS: readonly (readonly [RegExp, string])[] = [
  // An empty filter means none.
  [/^filter\..*\.(?:clean|smudge|process)$/, ''],
  [/^filter\..*\.required$/, FAILS],
  // A failing driver leaves a conflict, which the user sees.
  [/^merge\..*\.driver$/, FAILS],
  [/^core\.sshcommand$/, 'ssh'],
  // The default programs of git for signing.
  [/^gpg\.(?:openpgp\.)?program$/, 'gpg'],
  [/^gpg\.x509\.program$/, 'gpgsm'],
  [/^gpg\.ssh\.program$/, 'ssh-keygen'],
  [/^remote\..*\.uploadpack$/, 'git-upload-pack'],
  [/^remote\..*\.receivepack$/, 'git-receive-pack'],
  [/^remote\..*\.vcs$/, 'none'],
  [/^protocol\..*\.allow$/, 'never'],
  [
    /(?:command|cmd|program|driver|textconv|external|editor|pager|tool|exec|process|hook|hookspath|path|clean|smudge)$/,
    NOTHING,
  ],
];

/** What `git lfs install --local` writes. The form `git lfs` could be an alias of the repository. */
const LARGE_FILES: Readonly<Record<string, readonly string[]>> = {
  'filter.lfs.clean': ['git-lfs clean -- %f', 'git-lfs clean %f'],
  'filter.lfs.smudge': [
    'git-lfs smudge -- %f',
    'git-lfs smudge %f',
    'git-lfs smudge --skip -- %f',
    'git-lfs smudge --skip %f',
  ],
  'filter.lfs.process': ['git-lfs filter-process', 'git-lfs filter-process --skip'],
  'filter.lfs.required': ['true'],
};

/** Keys of ordinary repositories: names, formats and addresses. If there are no others, git is not asked. */
const HARMLESS =
  /^(?:core\.(?:repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks|autocrlf|eol|safecrlf|longpaths|quotepath|hidedotfiles|untrackedcache|preloadindex|abbrev)|remote\.[^"]*\.(?:url|pushurl|fetch|tagopt|prune|gh-resolved)|branch\.[^"]*\.(?:remote|merge|rebase|vscode-merge-base|github-pr-owner-number|gh-merge-base|pushremote|description)|user\.(?:name|email)|extensions\.(?:worktreeconfig|objectformat)|pull\.(?:rebase|ff)|push\.(?:default|autosetupremote)|init\.defaultbranch|lfs\.repositoryformatversion|gc\.auto)$/;

/** The overrides for each repository, cached while its configuration is unchanged. */
export class RepositoryConfig {
  private readonly known = new Map<string, { readonly text: string; readonly settings: readonly Setting[] }>();

  /**
   * @throws KernelError `RECORDED_ELSEWHERE` where the configuration names another working tree; `BARE_BY_OPTION`; as
   * `read`
   */
  async overridesFor(directory: GitDirectory, read: ConfigReader): Promise<readonly Setting[]> {
    const text = await configText(directory);
    refuseBare(directory, text);
    if (isPlain(text)) return [];
    const known = this.known.get(directory.own);
    if (known?.text === text) return known.settings;
    const entries = parseList(await read());
    await refuseOtherTree(directory, entries);
    const settings = overrides(entries);
    // Included files may change independently of the repository.
    const includes = entries.some(({ scope, key }) => isOwn(scope) && /^include(?:if)?\./.test(key));
    if (!includes) this.known.set(directory.own, { text, settings });
    return settings;
  }
}

async function configText({ own, common }: GitDirectory): Promise<string> {
  const files = [path.join(common, 'config'), path.join(own, 'config.worktree')];
  return (await Promise.all(files.map(textOf))).join('\n');
}

/**
 * A folder with a repository in it is a working tree. If an option says otherwise, a merge would move the branch and
 * not update the files.
 */
function refuseBare({ top, own, common }: GitDirectory, text: string): void {
  const lines = text.split('\n').map((line) => line.trim().toLowerCase().replaceAll(/[ \t]/g, ''));
  const last = lines.findLast((line) => line === 'bare' || line.startsWith('bare='));
  if (
    !['bare', 'bare=true', 'bare=yes', 'bare=on', 'bare=1'].includes(last ?? '') ||
    own !== common ||
    own !== path.join(top, '.git')
  )
    return;
  const command = `git config --file ${shellWord(path.join(own, 'config'))} core.bare false`;
  throw new KernelError('BARE_BY_OPTION', { folder: top, command });
}

async function textOf(file: string): Promise<string> {
  return (await ifThere(readFile(file, 'utf8'))) ?? '';
}

/** Whether a configuration has only harmless keys, in a form that can be parsed without doubt. */
function isPlain(text: string): boolean {
  let section = '';
  return text.split('\n').every((given) => {
    const line = given.replace(/\r$/, '').trim();
    if (line === '') return true;
    const header = /^\[([A-Za-z]+)(?: "([^"\\\]]*)")?\]$/.exec(line);
    if (header !== null) {
      section = header[2] === undefined ? (header[1] ?? '') : `${header[1] ?? ''}.${header[2]}`;
      return true;
    }
    const pair = /^([A-Za-z][A-Za-z0-9-]*) = [^"\\;#]*$/.exec(line);
    return pair !== null && isHarmless(`${lowered(section)}.${(pair[1] ?? '').toLowerCase()}`);
  });
}

/** The name of a section in lower case, except for the part in quotes. */
function lowered(section: string): string {
  const [name = '', ...rest] = section.split('.');
  return [name.toLowerCase(), ...rest].join('.');
}

/** Repeated `scope NUL key LF value NUL`; a key without a value is true. */
function parseList(text: string): Entry[] {
  const fields = text.split('\0');
  const entries: Entry[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [key = '', ...value] = (fields[index + 1] ?? '').split('\n');
    entries.push({ scope: fields[index] ?? '', key, value: value.join('\n') });
  }
  return entries;
}

/** Otherwise files of another folder would be read and replaced. */
async function refuseOtherTree(directory: GitDirectory, entries: readonly Entry[]): Promise<void> {
  const tree = entries.findLast((entry) => entry.key === 'core.worktree' && namesTreeOf(directory, entry, entries));
  if (tree === undefined) return;
  const named = path.resolve(directory.own, tree.value);
  if ((await ifThere(realpath(named))) !== (await realpath(directory.top)))
    throw new KernelError('RECORDED_ELSEWHERE', { path: named });
}

/**
 * Whether an entry applies to the current working tree. The shared entry names that of the repository itself, as in
 * every submodule; git uses it in a linked worktree only if each has its own configuration.
 */
function namesTreeOf({ own, common }: GitDirectory, { scope }: Entry, entries: readonly Entry[]): boolean {
  if (!isOwn(scope)) return false;
  const isShared = own !== common && scope !== 'worktree';
  return !isShared || entries.some(({ key }) => key === 'extensions.worktreeconfig');
}

const IS_FIXED: ReadonlySet<string> = new Set(FIXED.map(([key]) => key.toLowerCase()));

/** The fixed configuration overrides its own keys. */
function isHarmless(key: string): boolean {
  return HARMLESS.test(key) || IS_FIXED.has(key);
}

function isOwn(scope: string): boolean {
  return scope !== 'system' && scope !== 'global' && scope !== 'command';
}

function overrides(entries: readonly Entry[]): Setting[] {
  const persons = new Map(entries.filter(({ scope }) => !isOwn(scope)).map(({ key, value }) => [key, value]));
  const own = entries.filter(({ scope }) => isOwn(scope));
  const keys = [...new Set(own.map(({ key }) => key))].filter((key) => !isHarmless(key));
  const settings = keys.flatMap((key): Setting[] => {
    if (/^include(?:if)?\./.test(key)) return [];
    const standIn = STAND_INS.find(([pattern]) => pattern.test(key))?.[1];
    if (standIn === undefined || isKnownDriver(own, key)) return [];
    return [[key, persons.get(key) ?? standIn]];
  });
  // The first of these decides, so that no later one can replace it.
  const proxied: Setting[] = keys.includes('core.gitproxy') ? [['protocol.git.allow', 'never']] : [];
  return [...settings, ...largeFiles(own), ...proxied, ...credentialHelpers(entries)];
}

/**
 * Git LFS as `git lfs install --local` configures it, for our own views of the repository, too. The program is the one
 * on the user's PATH. If one of the lines differs, none of them applies.
 */
function largeFiles(own: readonly Entry[]): Setting[] {
  const lines = own.filter(({ key }) => key.startsWith('filter.lfs.'));
  const isKnown = lines.every(({ key, value }) => LARGE_FILES[key]?.includes(value) === true);
  return isKnown ? lines.map(({ key, value }): Setting => [key, value]) : [];
}

/** The driver that keeps our side, as in git's documentation. */
function isKnownDriver(own: readonly Entry[], key: string): boolean {
  return /^merge\..*\.driver$/.test(key) && own.every((entry) => entry.key !== key || entry.value === 'true');
}

/** Helpers accumulate: those of the repository are cleared, and the user's are set again. */
function credentialHelpers(entries: readonly Entry[]): Setting[] {
  const helpers = entries.filter(({ key }) => /^credential\.(?:.*\.)?helper$/.test(key));
  if (!helpers.some(({ scope }) => isOwn(scope))) return [];
  const persons = helpers.filter(({ scope }) => !isOwn(scope));
  return [['credential.helper', ''], ...persons.map(({ key, value }): Setting => [key, value])];
}
