/**
 * What a new worktree of a project needs before it can run, as proposals: command lines by the files that package managers
 * leave, what other tools' files in the repository say, and ignored files to copy. Nothing is run or written here.
 */
import { parse } from 'jsonc-parser';
import * as z from 'zod';
import type { SetupProposal } from '../../../contract/worktrees';
import { shellWord } from '../../../kernel/shellWord';

/** The files of a repository, as a proposal needs them. Names are relative to its top. */
export interface RepositoryFiles {
  /** The text of a small regular file; undefined where there is none. */
  read(name: string): Promise<string | undefined>;
  has(name: string): Promise<boolean>;
}

type CommandLine = readonly [string, ...string[]];

/** Detected one by one; of each group the first whose file is there. */
interface Detection {
  readonly file: string;
  readonly command: CommandLine;
  /** What the file must contain besides. */
  readonly contains?: RegExp;
  /** It may leave a file that git does not ignore, which a set-up must not, so it is only chosen by a person. */
  readonly mayLeaveFiles?: true;
}

/** From 3.13 on, Python writes this file itself. */
const VENV = "python3 -m venv .venv && echo '*' > .venv/.gitignore && .venv/bin/pip install --quiet";
/** Setuptools notes there what it installed, beside the sources and outside of `.venv`. */
const IGNORE_NOTES =
  'for notes in *.egg-info */*.egg-info; do if [ -d "$notes" ]; then echo \'*\' > "$notes/.gitignore"; fi; done';
const EDITABLE = `${VENV} -e . && ${IGNORE_NOTES}`;
/** Without either it only configures tools. */
const PACKAGE = /^\[(?:project|build-system|tool\.poetry)\]/m;

const GROUPS: readonly (readonly Detection[])[] = [
  [
    { file: 'pnpm-lock.yaml', command: ['pnpm', 'install', '--frozen-lockfile'] },
    { file: 'yarn.lock', command: ['yarn', 'install', '--frozen-lockfile'] },
    { file: 'bun.lock', command: ['bun', 'install', '--frozen-lockfile'] },
    { file: 'bun.lockb', command: ['bun', 'install', '--frozen-lockfile'] },
    { file: 'package-lock.json', command: ['npm', 'ci'] },
    { file: 'npm-shrinkwrap.json', command: ['npm', 'ci'] },
    { file: 'package.json', command: ['npm', 'install', '--no-package-lock'] },
  ],
  [
    { file: 'uv.lock', command: ['uv', 'sync', '--frozen'] },
    { file: 'poetry.lock', command: ['poetry', 'install', '--no-interaction'] },
    { file: 'Pipfile.lock', command: ['pipenv', 'sync', '--dev'] },
    { file: 'requirements.txt', command: ['sh', '-c', `${VENV} -r requirements.txt`] },
    { file: 'pyproject.toml', command: ['sh', '-c', EDITABLE], contains: PACKAGE },
    { file: 'setup.py', command: ['sh', '-c', EDITABLE] },
  ],
  [
    { file: 'Cargo.lock', command: ['cargo', 'fetch', '--locked'] },
    { file: 'Cargo.toml', command: ['cargo', 'fetch'], mayLeaveFiles: true },
  ],
  [{ file: 'go.mod', command: ['go', 'mod', 'download'] }],
  [
    { file: 'mvnw', command: ['./mvnw', '--batch-mode', '--quiet', 'dependency:go-offline'] },
    { file: 'pom.xml', command: ['mvn', '--batch-mode', '--quiet', 'dependency:go-offline'] },
  ],
  [
    { file: 'gradlew', command: ['./gradlew', '--quiet', 'dependencies'] },
    { file: 'build.gradle', command: ['gradle', '--quiet', 'dependencies'] },
    { file: 'build.gradle.kts', command: ['gradle', '--quiet', 'dependencies'] },
  ],
  [{ file: 'Gemfile.lock', command: ['bundle', 'install', '--quiet'] }],
  [{ file: 'composer.lock', command: ['composer', 'install', '--quiet', '--no-interaction'] }],
];

/** Ignored files that programs read at their start. */
const ENVIRONMENT_FILES = ['.env', '.env.local', '.env.development', '.env.development.local', '.env.test.local'];
/** What takes long to make and can be copied. A virtual environment of Python holds its own path, so it cannot. */
const DEPENDENCY_FOLDERS = ['node_modules', 'vendor/bundle', 'Pods'];

/**
 * In the order in which they should run. What another tool's file says comes instead of what was detected: it is what the
 * project's people chose.
 */
export async function proposeSetup(files: RepositoryFiles): Promise<SetupProposal[]> {
  const imported = (await Promise.all([fromConductor(files), fromCursor(files), fromDevContainer(files)])).flat();
  const detected = (await Promise.all(GROUPS.map((group) => detect(files, group)))).flat();
  const environment = await present(files, ENVIRONMENT_FILES);
  const dependencies = await present(files, DEPENDENCY_FOLDERS);
  return [
    ...environment.map((pattern): SetupProposal => ({
      kind: 'copy',
      source: pattern,
      pattern: `/${pattern}`,
      isChosen: true,
    })),
    ...dependencies.map((folder): SetupProposal => ({
      kind: 'copy',
      source: folder,
      pattern: `/${folder}/`,
      isChosen: false,
    })),
    ...imported,
    ...detected.map((proposal): SetupProposal => ({
      ...proposal,
      isChosen: proposal.isChosen && imported.length === 0,
    })),
  ];
}

async function detect(files: RepositoryFiles, group: readonly Detection[]): Promise<SetupProposal[]> {
  for (const { file, command, contains, mayLeaveFiles } of group) {
    if (!(await files.has(file))) continue;
    if (contains !== undefined && !contains.test((await files.read(file)) ?? '')) continue;
    const isNewYarn = file === 'yarn.lock' && (await files.has('.yarnrc.yml'));
    const chosen: CommandLine = isNewYarn ? ['yarn', 'install', '--immutable'] : command;
    return [{ kind: 'command', source: file, command: [...chosen], isChosen: mayLeaveFiles !== true }];
  }
  return [];
}

async function present(files: RepositoryFiles, names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(names.map((name) => files.has(name)));
  return names.filter((_, index) => found[index]);
}

const lines = z.union([z.string(), z.array(z.string())]);
const conductor = z.object({ scripts: z.object({ setup: z.string().optional() }).optional() });
const cursor = z.object({ 'setup-worktree': lines.optional(), 'setup-worktree-unix': lines.optional() });
const devCommand = z.union([lines, z.record(z.string(), lines)]);
const devContainer = z.object({
  onCreateCommand: devCommand.optional(),
  updateContentCommand: devCommand.optional(),
  postCreateCommand: devCommand.optional(),
});

/** The variables of the tool whose file it is, by those that set-up commands get. */
const OF_CONDUCTOR =
  'export CONDUCTOR_ROOT_PATH="$INTERCORE_PROJECT_DIR" CONDUCTOR_WORKSPACE_PATH="$PWD" CONDUCTOR_PORT="$INTERCORE_PORT_BASE"';
const OF_CURSOR = 'export ROOT_WORKTREE_PATH="$INTERCORE_PROJECT_DIR"';

async function fromConductor(files: RepositoryFiles): Promise<SetupProposal[]> {
  const setup = conductor.safeParse(await json(files, 'conductor.json')).data?.scripts?.setup ?? '';
  return setup.trim() === '' ? [] : [shellLine('conductor.json', `${OF_CONDUCTOR}; ${setup}`)];
}

async function fromCursor(files: RepositoryFiles): Promise<SetupProposal[]> {
  const source = '.cursor/worktrees.json';
  const given = cursor.safeParse(await json(files, source)).data;
  const setup = given?.['setup-worktree-unix'] ?? given?.['setup-worktree'];
  if (setup === undefined) return [];
  // One text names a script, relative to the file.
  if (typeof setup === 'string') return [shellLine(source, `${OF_CURSOR}; sh ./.cursor/${shellWord(setup)}`)];
  return setup.filter((line) => line.trim() !== '').map((line) => shellLine(source, `${OF_CURSOR}; ${line}`));
}

async function fromDevContainer(files: RepositoryFiles): Promise<SetupProposal[]> {
  for (const source of ['.devcontainer/devcontainer.json', '.devcontainer.json']) {
    const given = devContainer.safeParse(await json(files, source)).data;
    if (given === undefined) continue;
    const commands = [given.onCreateCommand, given.updateContentCommand, given.postCreateCommand];
    return commands.flatMap((command) => (command === undefined ? [] : devCommands(source, command)));
  }
  return [];
}

/** A text is a line for a shell, a list is a program with its arguments, and an object names several of either. */
function devCommands(source: string, command: z.infer<typeof devCommand>): SetupProposal[] {
  if (typeof command === 'string') return command.trim() === '' ? [] : [shellLine(source, command)];
  if (!Array.isArray(command)) return Object.values(command).flatMap((one) => devCommands(source, one));
  const [program, ...args] = command;
  return program === undefined ? [] : [{ kind: 'command', source, command: [program, ...args], isChosen: true }];
}

function shellLine(source: string, line: string): SetupProposal {
  return { kind: 'command', source, command: ['sh', '-c', line], isChosen: true };
}

/** With comments and commas too many, as these files are written. */
async function json(files: RepositoryFiles, name: string): Promise<unknown> {
  const text = await files.read(name);
  return text === undefined ? undefined : parse(text, [], { allowTrailingComma: true });
}
