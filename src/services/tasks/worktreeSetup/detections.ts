/**
 * Detects package managers by their files, with the command lines that install dependencies. Each command was tested
 * with the real program in a new worktree.
 */
import path from 'node:path';
import { parse } from 'jsonc-parser';
import * as z from 'zod';
import type { SetupProposal } from '../../../contract/results/worktrees';
import { shellWord } from '../../../kernel/text/shellWord';

/** The files of a repository, for proposals. Names are relative to its top. */
export interface RepositoryFiles {
  /** The text of a small regular file; undefined if there is none. */
  read(name: string): Promise<string | undefined>;
  has(name: string): Promise<boolean>;
  /** Files with one of the names in folders below the top, that git tracks, at most three folders deep. */
  nested(names: readonly string[]): Promise<readonly string[]>;
}

type CommandLine = readonly [string, ...string[]];

/** Detections in groups; of each group the first with an existing file. */
interface Detection {
  readonly file: string;
  readonly command: CommandLine;
  /** What the file must also contain. */
  readonly contains?: RegExp;
  /** It may leave a file that git does not ignore, which a set-up must not do, so only a person can choose it. */
  readonly mayLeaveFiles?: true;
  /**
   * Below the top of a repository it is always a separate project, or only if no parent folder has one of the group.
   */
  readonly isOwn?: true | 'alone';
}

/** From 3.13 on, Python writes this file itself. */
const VENV = "python3 -m venv .venv && echo '*' > .venv/.gitignore && .venv/bin/pip install --quiet";
/** Setuptools stores its list of installed files next to the sources, outside `.venv`. */
const IGNORE_NOTES =
  'for notes in *.egg-info */*.egg-info; do if [ -d "$notes" ]; then echo \'*\' > "$notes/.gitignore"; fi; done';
const EDITABLE = `${VENV} -e . && ${IGNORE_NOTES}`;
/** Without either the file only configures tools. */
const PACKAGE = /^\[(?:project|build-system|tool\.poetry)\]/m;
/** For Yarn 2 and later. Yarn accepts the older flag too, which is used if the lock file is too large to read. */
const YARN_LOCK = /^__metadata:/m;
const MODULES = /<modules>/;

/** Maven does not find modules that depend on each other before they are compiled. */
const MAVEN_MODULES = ['--batch-mode', '--quiet', '-DskipTests', 'test-compile'] as const;
const MAVEN_ONE = ['--batch-mode', '--quiet', 'dependency:go-offline'] as const;

const JAVASCRIPT: readonly Detection[] = [
  { file: 'pnpm-lock.yaml', command: ['pnpm', 'install', '--frozen-lockfile'], isOwn: true },
  { file: 'yarn.lock', command: ['yarn', 'install', '--immutable'], contains: YARN_LOCK, isOwn: true },
  { file: 'yarn.lock', command: ['yarn', 'install', '--frozen-lockfile'], isOwn: true },
  { file: 'bun.lock', command: ['bun', 'install', '--frozen-lockfile'], isOwn: true },
  { file: 'bun.lockb', command: ['bun', 'install', '--frozen-lockfile'], isOwn: true },
  { file: 'package-lock.json', command: ['npm', 'ci'], isOwn: true },
  { file: 'npm-shrinkwrap.json', command: ['npm', 'ci'], isOwn: true },
  { file: 'pnpm-workspace.yaml', command: ['pnpm', 'install', '--no-lockfile'] },
  { file: 'package.json', command: ['npm', 'install', '--no-package-lock'] },
];

/** Without a lock file, by the package manager that `package.json` names. */
const UNLOCKED: Readonly<Record<string, Detection>> = {
  pnpm: { file: 'package.json', command: ['pnpm', 'install', '--no-lockfile'] },
  yarn: { file: 'package.json', command: ['yarn', 'install', '--no-lockfile'] },
  bun: { file: 'package.json', command: ['bun', 'install', '--no-save'] },
};
const NEW_YARN_UNLOCKED: Detection = { file: 'package.json', command: ['yarn', 'install'], mayLeaveFiles: true };

const OTHERS: readonly (readonly Detection[])[] = [
  [
    { file: 'uv.lock', command: ['uv', 'sync', '--frozen'], isOwn: true },
    { file: 'poetry.lock', command: ['poetry', 'install', '--no-interaction'], isOwn: true },
    { file: 'Pipfile.lock', command: ['pipenv', 'sync', '--dev'], isOwn: true },
    { file: 'requirements.txt', command: ['sh', '-c', `${VENV} -r requirements.txt`], isOwn: true },
    { file: 'pyproject.toml', command: ['sh', '-c', EDITABLE], contains: PACKAGE },
    { file: 'setup.py', command: ['sh', '-c', EDITABLE] },
  ],
  [
    { file: 'Cargo.lock', command: ['cargo', 'fetch', '--locked'], isOwn: true },
    { file: 'Cargo.toml', command: ['cargo', 'fetch'], mayLeaveFiles: true },
  ],
  [
    { file: 'go.work', command: ['go', 'mod', 'download'] },
    { file: 'go.mod', command: ['go', 'mod', 'download'], isOwn: true },
  ],
  [
    { file: 'mvnw', command: ['./mvnw', ...MAVEN_MODULES], contains: MODULES, isOwn: 'alone' },
    { file: 'mvnw', command: ['./mvnw', ...MAVEN_ONE], isOwn: 'alone' },
    { file: 'pom.xml', command: ['mvn', ...MAVEN_MODULES], contains: MODULES, isOwn: 'alone' },
    { file: 'pom.xml', command: ['mvn', ...MAVEN_ONE], isOwn: 'alone' },
  ],
  [
    { file: 'gradlew', command: ['./gradlew', '--quiet', 'dependencies'], isOwn: 'alone' },
    ...['settings.gradle', 'settings.gradle.kts', 'build.gradle', 'build.gradle.kts'].map((file): Detection => ({
      file,
      command: ['gradle', '--quiet', 'dependencies'],
    })),
  ],
  [
    { file: 'Gemfile.lock', command: ['bundle', 'install', '--quiet'], isOwn: true },
    { file: 'Gemfile', command: ['bundle', 'install', '--quiet'], mayLeaveFiles: true },
  ],
  [
    { file: 'composer.lock', command: ['composer', 'install', '--quiet', '--no-interaction'], isOwn: true },
    { file: 'composer.json', command: ['composer', 'install', '--quiet', '--no-interaction'], mayLeaveFiles: true },
  ],
];

const GROUPS = [JAVASCRIPT, ...OTHERS];
/** Names of files by which projects below the top of a repository are found. */
export const NESTED_FILES: readonly string[] = [
  ...new Set(GROUPS.flatMap((group) => group.flatMap(({ file, isOwn }) => (isOwn ? [file] : [])))),
];
/** Folders with projects that people do not edit. */
const ASIDE = /(?:^|\/)(?:docs?|tests?|__tests__|fixtures?|testdata|examples?|vendor|third_party|node_modules)(?:\/|$)/;
const MOST_NESTED = 20;

/** For the top of the repository, and for projects in folders below it. */
export async function detectedSetup(files: RepositoryFiles): Promise<SetupProposal[]> {
  const nested = (await files.nested(NESTED_FILES)).filter((name) => !ASIDE.test(name));
  const folders = [...new Set(nested.map((name) => path.posix.dirname(name)))].sort().slice(0, MOST_NESTED);
  const found: SetupProposal[] = [];
  for (const group of GROUPS) found.push(...(await detectedOf(files, group, folders, nested)));
  return found;
}

async function detectedOf(
  files: RepositoryFiles,
  group: readonly Detection[],
  folders: readonly string[],
  nested: readonly string[],
): Promise<SetupProposal[]> {
  const top = await detect(files, group, '');
  const found = top === undefined ? [] : [proposalOf(top, '')];
  // A Go workspace lists its modules itself.
  if (top?.file === 'go.work') return found;
  const taken: string[] = [];
  for (const folder of folders) {
    const one = await detect(files, group, `${folder}/`, nested);
    const isBelow = top !== undefined || taken.some((above) => folder.startsWith(`${above}/`));
    if (one?.isOwn === undefined || (one.isOwn === 'alone' && isBelow)) continue;
    taken.push(folder);
    // A project below another one of the group may be a part of it.
    found.push({ ...proposalOf(one, folder), ...(isBelow && { isChosen: false }) });
  }
  return found;
}

async function detect(
  files: RepositoryFiles,
  group: readonly Detection[],
  prefix: string,
  known?: readonly string[],
): Promise<Detection | undefined> {
  const has = (file: string): Promise<boolean> =>
    known === undefined ? files.has(`${prefix}${file}`) : Promise.resolve(known.includes(`${prefix}${file}`));
  const manager = group === JAVASCRIPT ? await managerOf(files, prefix) : undefined;
  const there: Detection[] = [];
  for (const detection of group) {
    const { file, contains } = detection;
    if (!(await has(file))) continue;
    const named = file === 'mvnw' ? 'pom.xml' : file;
    const isNewYarn = file === 'yarn.lock' && (isNew(manager) || (await files.has(`${prefix}.yarnrc.yml`)));
    if (contains !== undefined && !isNewYarn && !contains.test((await files.read(`${prefix}${named}`)) ?? '')) continue;
    there.push(detection);
  }
  if (manager === undefined) return there[0];
  const ofManager = there.find(({ command, file }) => command[0] === manager.name && file !== 'package.json');
  return ofManager ?? (isNew(manager) ? NEW_YARN_UNLOCKED : (UNLOCKED[manager.name] ?? there[0]));
}

interface Manager {
  readonly name: string;
  readonly major: number;
}

const isNew = (manager: Manager | undefined): boolean => manager?.name === 'yarn' && manager.major > 1;

const packageFile = z.object({ packageManager: z.string() });

/** The package manager that `package.json` names, which decides between several lock files. */
async function managerOf(files: RepositoryFiles, prefix: string): Promise<Manager | undefined> {
  const text = await files.read(`${prefix}package.json`);
  const given = text === undefined ? undefined : packageFile.safeParse(parse(text)).data?.packageManager;
  const [, name, major] = /^(npm|pnpm|yarn|bun)@(\d+)/.exec(given ?? '') ?? [];
  return name === undefined ? undefined : { name, major: Number(major) };
}

function proposalOf({ file, command, mayLeaveFiles }: Detection, folder: string): SetupProposal {
  const isChosen = mayLeaveFiles !== true;
  if (folder === '') return { kind: 'command', source: file, command: [...command], isChosen };
  const [program, flag, script] = command;
  const line = program === 'sh' && flag === '-c' && script !== undefined ? script : command.map(shellWord).join(' ');
  // A name may start with a hyphen.
  const entered = `cd ${shellWord(`./${folder}`)} && ${line}`;
  return { kind: 'command', source: `${folder}/${file}`, command: ['sh', '-c', entered], isChosen };
}
