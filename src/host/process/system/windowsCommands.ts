/**
 * Commands that Windows cannot start as Node starts programs. npm installs a program as a batch file, next to a script
 * for POSIX shells that has the same name without an ending; Node refuses batch files, because their arguments would
 * pass through a shell. The batch files of npm name the program that they start, which is started instead. The launcher
 * shares this file, so it imports nothing but Node.
 */
import { readFileSync, statSync } from 'node:fs';
import { win32 as path } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** Reads the disk; a small file is undefined if it is none. */
export interface Disk {
  isFile(file: string): boolean;
  smallText(file: string): string | undefined;
}

/** The last line of npm's batch files: the program that gets the arguments, relative to the file's folder. */
const STARTED_BY_NPM = /"%(?:~dp0|dp0%)\\([^"%]+)"\s+%\*\s*$/m;
/** Larger than any batch file of npm. */
const MOST_BYTES = 16_384;

const DISK: Disk = {
  isFile: (file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true,
  smallText: (file) => (statSync(file).size > MOST_BYTES ? undefined : readFileSync(file, 'utf8')),
};

/** The endings with which Windows searches for a program, which a name may already have. */
export function programEndings(name: string, environment: Environment): readonly string[] {
  const known = (variable(environment, 'PATHEXT') ?? '.COM;.EXE;.BAT;.CMD').split(';').filter(Boolean);
  return known.some((ending) => name.toLowerCase().endsWith(ending.toLowerCase())) ? ['', ...known] : known;
}

/** The command with which Node can start a program of Windows; the given one if it needs no other, or none is found. */
export function startableCommand({ command, args }: Command, environment: Environment, disk = DISK): Command {
  const file = fileOf(command, environment, disk);
  if (file === undefined || !/\.(?:cmd|bat)$/i.test(file)) return { command: file ?? command, args };
  const target = STARTED_BY_NPM.exec(disk.smallText(file) ?? '')?.[1];
  if (target === undefined) return { command: file, args };
  const folder = path.dirname(file);
  const program = path.join(folder, target);
  if (/\.exe$/i.test(program)) return { command: program, args };
  const ownNode = path.join(folder, 'node.exe');
  return { command: disk.isFile(ownNode) ? ownNode : 'node', args: [program, ...args] };
}

function fileOf(command: string, environment: Environment, disk: Disk): string | undefined {
  const endings = programEndings(command, environment);
  const folders = /[\\/]/.test(command)
    ? path.isAbsolute(command)
      ? ['']
      : []
    : (variable(environment, 'PATH') ?? '').split(';').filter((folder) => path.isAbsolute(folder));
  return folders
    .flatMap((folder) => endings.map((ending) => path.join(folder, `${command}${ending}`)))
    .find((file) => disk.isFile(file));
}

/** Names of variables have no case on Windows, which writes `Path`. */
function variable(environment: Environment, name: string): string | undefined {
  const written = Object.keys(environment).find((key) => key.toUpperCase() === name);
  return written === undefined ? undefined : environment[written];
}
