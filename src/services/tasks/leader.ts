/** The leader of a folder, as described by a file in the lock that disappears with its process. */
import { open, rm, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { ifThere } from '../../host/files/fileErrors';
import { holderOf } from '../../host/locks/fileLock';
import { machineName } from '../../host/process/processIdentity';
import { readSmallFile } from '../../host/files/smallFile';
import { renameOver } from '../../host/files/renames';

const MAX_BYTES = 4096;
/** A request to lead expires after this time. */
export const REQUEST_LASTS_MS = 15_000;

const leader = z.object({
  program: z.enum(['window', 'ic lead']),
  pid: z.int().min(1),
  machine: z.string().min(1).max(255),
  /** When it started, in milliseconds. */
  sinceMs: z.number().min(0),
});
export type Leader = z.infer<typeof leader>;
export type LeaderProgram = Leader['program'];

export function leaderLock(databasePath: string): string {
  return `${databasePath}-tasks`;
}

/** Present while the leader waits for a person to allow agents. */
export function waitingLock(databasePath: string): string {
  return `${databasePath}-waiting`;
}

/** Whether a leader waits for a person to allow agents. */
export async function isWaitedFor(databasePath: string): Promise<boolean> {
  return (await holderOf(waitingLock(databasePath))) !== undefined;
}

/** Whether a program leads the folder. */
export async function isLed(databasePath: string): Promise<boolean> {
  return (await holderOf(leaderLock(databasePath))) !== undefined;
}

export function asLeader(program: LeaderProgram, nowMs: number): Leader {
  return { program, pid: process.pid, machine: machineName(), sinceMs: nowMs };
}

/** Never creates the file: if it is missing, another program leads. */
export async function writeLeader(draft: string, self: Leader): Promise<void> {
  const handle = await ifThere(open(draft, 'r+'));
  if (handle === undefined) return;
  try {
    await handle.writeFile(JSON.stringify(self));
  } finally {
    await handle.close();
  }
}

/** Undefined without a leader, or for an unknown one. */
export async function leaderOf(databasePath: string): Promise<Leader | undefined> {
  const draft = await holderOf(leaderLock(databasePath));
  return draft === undefined ? undefined : parsed(await readSmallFile(draft, MAX_BYTES));
}

/** A request to lead, next to the lock: the leader hands over. */
function requestFile(databasePath: string): string {
  return `${leaderLock(databasePath)}.wanted`;
}

export async function requestLead(databasePath: string, self: Leader): Promise<void> {
  const file = requestFile(databasePath);
  const draft = `${file}.${process.pid}`;
  await rm(draft, { force: true });
  await writeFile(draft, JSON.stringify(self), { flag: 'wx', mode: 0o600 });
  await renameOver(draft, file);
}

export async function dropLeadRequest(databasePath: string): Promise<void> {
  await rm(requestFile(databasePath), { force: true });
}

/** Another program that wants to lead now. */
export async function leadRequester(databasePath: string, nowMs: number): Promise<Leader | undefined> {
  const found = parsed(await readSmallFile(requestFile(databasePath), MAX_BYTES));
  if (found === undefined || Math.abs(nowMs - found.sinceMs) > REQUEST_LASTS_MS) return undefined;
  return found.pid === process.pid && found.machine === machineName() ? undefined : found;
}

function parsed(text: string | undefined): Leader | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return leader.safeParse(JSON.parse(text)).data;
  } catch {
    // It is being written, or has another format.
    return undefined;
  }
}
