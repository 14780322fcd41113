/**
 * The files between a session's host and the programs that watch it: its state, and commands to it. Both are sealed
 * with the dispatch's secret, which the agent does not have, and are in a folder whose name the agent cannot compute.
 */
import { randomBytes } from 'node:crypto';
import { link, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sessionCommand, sessionState, type SessionCommand, type SessionState } from '../../../contract/sessions';
import { makeFolders } from '../../files/folders';
import { ifThere, readFailure, systemCode } from '../../files/fileErrors';
import { readSmallFile } from '../../files/smallFile';
import type { DispatchFiles } from '../../launcher/dispatchFiles';
import { proven, readStarted } from '../../launcher/launchRecord';
import { isRunning } from '../../process/processIdentity';
import { seal, STATE, COMMAND, commandName, MAX_STATE_BYTES } from './sessionSeal';
import { unsealed } from '../../launcher/seal';

type Files = Pick<DispatchFiles, 'session' | 'commands' | 'secret'>;

/** The state of a session; undefined where its host has left none, or another program changed it. */
export async function readSessionState(files: Files): Promise<SessionState | undefined> {
  try {
    return read(files.secret, STATE, await readSmallFile(files.session, MAX_STATE_BYTES), sessionState);
  } catch (error) {
    throw readFailure(files.session, error);
  }
}

/**
 * The same as it is now: a host that was killed leaves open requests behind, which no answer can reach. Without a
 * record of the host's start, its file is all that is known.
 */
export async function currentState(files: DispatchFiles): Promise<SessionState | undefined> {
  const state = await readSessionState(files);
  if (state === undefined || state.phase === 'ended') return state;
  return (await hasHost(files)) ? state : { ...state, phase: 'ended', requests: [] };
}

/** Whether the host of a session may still be running. */
export async function hasHost(files: DispatchFiles): Promise<boolean> {
  const started = proven(await readStarted(files));
  return started === undefined || (await isRunning(started.launcher));
}

/** The outcome of a command: `taken` with the command that was first, for an answer that comes second. */
export type CommandOutcome =
  | { readonly kind: 'given' }
  | { readonly kind: 'taken'; readonly first: SessionCommand | undefined };

/** Leaves a command for the host. It appears complete; of two answers to one request, the first is taken. */
export async function giveCommand(files: Files, command: SessionCommand): Promise<CommandOutcome> {
  await makeFolders(files.commands);
  const file = path.join(files.commands, commandName(command, randomBytes(8).toString('hex')));
  const draft = path.join(files.commands, `.${process.pid}.${randomBytes(8).toString('hex')}`);
  try {
    await writeFile(draft, seal(files.secret, COMMAND, command), { mode: 0o600, flag: 'wx' });
    await link(draft, file);
    return { kind: 'given' };
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    const first = read(files.secret, COMMAND, await readSmallFile(file), sessionCommand);
    return { kind: 'taken', first };
  } finally {
    await rm(draft, { force: true });
  }
}

/** The commands of these kinds that were left for a session. Files of other programs are left out. */
export async function readCommands<K extends SessionCommand['kind']>(
  files: Files,
  kinds: readonly K[],
): Promise<readonly Extract<SessionCommand, { kind: K }>[]> {
  const isWanted = (command: SessionCommand): command is Extract<SessionCommand, { kind: K }> =>
    kinds.some((kind) => kind === command.kind);
  const names = (await ifThere(readdir(files.commands))) ?? [];
  const wanted = names.sort().filter((name) => kinds.some((kind) => name.startsWith(`${kind}-`)));
  const commands = await Promise.all(
    wanted.map(async (name) => {
      const content = await readSmallFile(path.join(files.commands, name));
      return read(files.secret, COMMAND, content, sessionCommand);
    }),
  );
  return commands.filter((command) => command !== undefined).filter(isWanted);
}

function read<T>(
  secret: string,
  kind: string,
  content: string | undefined,
  schema: { safeParse(value: unknown): { readonly data?: T | undefined } },
): T | undefined {
  const text = content === undefined ? undefined : unsealed(secret, kind, content);
  return text === undefined ? undefined : schema.safeParse(JSON.parse(text)).data;
}
