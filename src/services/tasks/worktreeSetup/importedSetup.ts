/**
 * Proposals from the setup files of other tools in the repository: `conductor.json`, Cursor, and dev containers.
 * Nothing is run here.
 */
import { parse } from 'jsonc-parser';
import path from 'node:path';
import * as z from 'zod';
import type { SetupProposal } from '../../../contract/results/worktrees';
import { shellWord } from '../../../kernel/text/shellWord';
import type { RepositoryFiles } from './detections';

export async function importedSetup(files: RepositoryFiles): Promise<SetupProposal[]> {
  return (await Promise.all([fromConductor(files), fromCursor(files), fromDevContainer(files)])).flat();
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

/** The variables of the file's tool, defined by those of set-up commands. */
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
  if (typeof setup === 'string') return cursorScript(files, source, setup);
  return setup.filter((line) => line.trim() !== '').map((line) => shellLine(source, `${OF_CURSOR}; ${line}`));
}

/** A string names a script, relative to the file. A script outside the repository is ignored. */
async function cursorScript(files: RepositoryFiles, source: string, name: string): Promise<SetupProposal[]> {
  const script = path.posix.join('.cursor', name);
  if (script.startsWith('../') || path.posix.isAbsolute(name)) return [];
  const [, shell = 'sh'] = /^#!.*\b(bash|zsh)\b/.exec((await files.read(script)) ?? '') ?? [];
  return [shellLine(source, `${OF_CURSOR}; ${shell} ${shellWord(`./${script}`)}`)];
}

async function fromDevContainer(files: RepositoryFiles): Promise<SetupProposal[]> {
  const places = ['.devcontainer/devcontainer.json', '.devcontainer.json'];
  for (const source of [...places, ...(await files.nested(['devcontainer.json'])).filter(isOneOfSeveral)]) {
    const given = devContainer.safeParse(await json(files, source)).data;
    if (given === undefined) continue;
    const commands = [given.onCreateCommand, given.updateContentCommand, given.postCreateCommand];
    return commands.flatMap((command) => (command === undefined ? [] : devCommands(source, command)));
  }
  return [];
}

/** A repository may describe several containers, each in its own folder. The first is proposed. */
const isOneOfSeveral = (name: string): boolean => /^\.devcontainer\/[^/]+\/devcontainer\.json$/.test(name);

/** Commands that only make sense as root, or with the paths of a container. */
const OF_CONTAINER =
  /\b(?:sudo|apt|apt-get|apk|dnf|yum|chown|usermod)\s|(?:^|[\s'"=:])\/(?:workspaces?|home|usr|root|etc|opt)\b/;

/** Maps variables of `devcontainer.json` to shell variables; most would be empty in a shell. */
function withoutDevVariables(text: string): string {
  return text
    .replace(/\$\{(?:containerWorkspaceFolder|localWorkspaceFolder)\}/g, '$PWD')
    .replace(/\$\{(?:containerWorkspaceFolderBasename|localWorkspaceFolderBasename)\}/g, '$(basename "$PWD")')
    .replace(/\$\{(?:containerEnv|localEnv):(\w+)\}/g, '${$1}')
    .replace(/\$\{(?:containerEnv|localEnv):(\w+):([^}]*)\}/g, '${$1:-$2}');
}

/** A string is a shell command line, a list is a program with its arguments, and an object names several of either. */
function devCommands(source: string, command: z.infer<typeof devCommand>): SetupProposal[] {
  if (typeof command === 'string') {
    if (command.trim() === '') return [];
    return [{ ...shellLine(source, withoutDevVariables(command)), isChosen: !OF_CONTAINER.test(command) }];
  }
  if (!Array.isArray(command)) return Object.values(command).flatMap((one) => devCommands(source, one));
  const [program, ...args] = command;
  if (program === undefined) return [];
  const line = command.join(' ');
  // No shell expands variables there.
  const isChosen = !OF_CONTAINER.test(line) && withoutDevVariables(line) === line;
  return [{ kind: 'command', source, command: [program, ...args], isChosen }];
}

function shellLine(source: string, line: string): SetupProposal {
  return { kind: 'command', source, command: ['sh', '-c', line], isChosen: true };
}

/** Accepts comments and trailing commas, which are common in these files. */
async function json(files: RepositoryFiles, name: string): Promise<unknown> {
  const text = await files.read(name);
  return text === undefined ? undefined : parse(text.replace(/^\uFEFF/, ''), [], { allowTrailingComma: true });
}
