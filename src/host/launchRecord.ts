/**
 * What passes between the dispatcher and a launcher: the order, handed over on the launcher's standard input so that
 * the agent's environment never lies on a disk, and the records that the launcher leaves beside the log (design §8).
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { KernelError } from '../kernel/errors';
import { isNoEntry, readFailure } from './fileErrors';

/** Everything a launcher needs to run one agent. */
export interface LaunchOrder {
  /** The program and its arguments. Never a shell line. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The agent's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The file that is the agent's standard input, or null for none. */
  readonly stdinFile: string | null;
  /** Takes standard output and error, appended. */
  readonly logFile: string;
  readonly startedFile: string;
  readonly exitFile: string;
  /** Where it is there, the agent is not wanted any more. */
  readonly cancelFile: string;
  readonly timeLimitMs: number | null;
  /** Time between the polite signal and the last one, once the time limit is reached. */
  readonly graceMs: number;
}

const identity = z.object({ pid: z.int().positive(), startToken: z.string().nullable() });

const startedRecord = z.object({
  /** The launcher, which leads the process group. */
  launcher: identity,
  agent: identity,
  argv: z.array(z.string()),
  cwd: z.string(),
  startedAtMs: z.number(),
});
/** Left once the agent's process exists. */
export type StartedRecord = z.infer<typeof startedRecord>;

const exitRecord = z.object({
  /** Null where a signal ended the agent, or where it never started. */
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  /** The launcher ended the agent because its time was up. */
  timedOut: z.boolean(),
  /** Why the agent could not be started; absent when it was. */
  problem: z.string().optional(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number(),
});
/** Left once the agent has ended, or could not be started. */
export type ExitRecord = z.infer<typeof exitRecord>;

const cancelRecord = z.object({ reason: z.string(), requestedAtMs: z.number() });
/** Left before an agent is killed, so that whoever finds it ended knows why. */
export type CancelRecord = z.infer<typeof cancelRecord>;

/** The files of one dispatch, all in a folder of its own outside the project. */
export interface DispatchFiles {
  readonly folder: string;
  readonly prompt: string;
  readonly log: string;
  readonly verdict: string;
  /** Token counts in a wrapper's words; only where the dispatch has an output file of its own. */
  readonly summary?: string;
  readonly started: string;
  readonly exit: string;
  readonly cancel: string;
}

export function filesIn(folder: string): DispatchFiles {
  const file = (name: string) => path.join(folder, name);
  return {
    folder,
    prompt: file('prompt.md'),
    log: file('output.log'),
    verdict: file('verdict'),
    started: file('started.json'),
    exit: file('exit.json'),
    cancel: file('cancel.json'),
  };
}

/** The same, with the verdict and the token counts beside an output file elsewhere. */
export function withOutput(files: DispatchFiles, outputFile: string | undefined): DispatchFiles {
  if (outputFile === undefined || outputFile === files.log) return files;
  return { ...files, verdict: `${outputFile}.verdict`, summary: `${outputFile}.summary` };
}

/** The three readers give undefined where there is no record. @throws KernelError `FILE_UNREADABLE` */
export function readStarted(files: DispatchFiles): Promise<StartedRecord | undefined> {
  return readRecord(files.started, startedRecord);
}

export function readExit(files: DispatchFiles): Promise<ExitRecord | undefined> {
  return readRecord(files.exit, exitRecord);
}

export function readCancel(files: DispatchFiles): Promise<CancelRecord | undefined> {
  return readRecord(files.cancel, cancelRecord);
}

/** Appears complete or not at all. */
export async function writeCancel(files: DispatchFiles, record: CancelRecord): Promise<void> {
  const staging = `${files.cancel}.${process.pid}`;
  await writeFile(staging, JSON.stringify(record), { mode: 0o600 });
  await rename(staging, files.cancel);
}

async function readRecord<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isNoEntry(error)) return undefined;
    throw readFailure(file, error);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new KernelError(
      'FILE_UNREADABLE',
      { path: file, problem: 'it is not a launcher’s record' },
      { cause: error },
    );
  }
}
