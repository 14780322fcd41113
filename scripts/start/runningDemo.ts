/**
 * Which process shows the demo. Its files belong to that process until it ends, so a second `npm start` finds the first
 * here and opens the same demo again.
 */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { withFileLock } from '../../src/host/locks/fileLock';
import { identify, isRunning } from '../../src/host/process/processIdentity';
import { readSmallFile, replaceSmallFile } from '../../src/host/files/smallFile';

const LOCK_TIMEOUT_MS = 10_000;
const ASK_AGAIN_MS = 200;

const identity = z.object({ pid: z.number(), startToken: z.string().nullable() });
const shownDemo = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('browser'), address: z.string() }),
  z.object({ kind: z.literal('desktop'), executable: z.string(), window: identity }),
]);
const noted = z.object({ starter: identity, shown: shownDemo.optional() });

/** How the demo is shown; what another process needs to open it again. */
export type ShownDemo = z.infer<typeof shownDemo>;
type Noted = z.infer<typeof noted>;

export interface Claim {
  /** Lets other processes open what is shown now. */
  publish(shown: ShownDemo): Promise<void>;
  release(): Promise<void>;
}

export type Claimed =
  | { readonly isFirst: true; readonly claim: Claim }
  | { readonly isFirst: false; readonly pid: number; readonly shown: ShownDemo };

/**
 * Claims the demo in `folder` for this process, or waits until the process that has it shows it. `onWait` is called once,
 * with its process ID, where that takes time.
 */
export async function claimDemo(folder: string, onWait: (pid: number) => void): Promise<Claimed> {
  const file = `${folder}.json`;
  await mkdir(path.dirname(file), { recursive: true });
  let isWaiting = false;
  for (;;) {
    const running = await withFileLock(file, { timeoutMs: LOCK_TIMEOUT_MS }, () => claim(file));
    if (running === undefined) return { isFirst: true, claim: claimOf(file) };
    if (running.shown !== undefined) return { isFirst: false, pid: running.starter.pid, shown: running.shown };
    if (!isWaiting) onWait(running.starter.pid);
    isWaiting = true;
    await delay(ASK_AGAIN_MS);
  }
}

/** The demo of another process that runs; undefined where it is claimed for this one now. */
async function claim(file: string): Promise<Noted | undefined> {
  const known = await read(file);
  if (known !== undefined && (await isOpen(known))) return known;
  await write(file, { starter: await identify(process.pid) });
  return undefined;
}

/** A window of the desktop outlives a starter that was killed, and its files are still in use. */
async function isOpen({ starter, shown }: Noted): Promise<boolean> {
  return (await isRunning(starter)) || (shown?.kind === 'desktop' && (await isRunning(shown.window)));
}

function claimOf(file: string): Claim {
  return {
    publish: async (shown) => write(file, { starter: await identify(process.pid), shown }),
    release: () => rm(file, { force: true }),
  };
}

async function read(file: string): Promise<Noted | undefined> {
  const text = await readSmallFile(file);
  if (text === undefined) return undefined;
  try {
    return noted.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const write = (file: string, content: Noted): Promise<void> => replaceSmallFile(file, `${JSON.stringify(content)}\n`);
