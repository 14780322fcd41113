/**
 * The data between the dispatcher and a launcher: the order, passed on the launcher's standard input so that the
 * agent's environment is never on disk, and the sealed records that the launcher writes next to the log
 * (`docs/design/agents.md#processes`). A record without the right seal is distinguished from a missing one, and
 * ignored.
 */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { readFailure } from '../files/fileErrors';
import { sealed, unsealed } from './seal';
import { readSmallFile } from '../files/smallFile';
import type { DispatchFiles, LaunchMark } from './dispatchFiles';
import { renameOver } from '../files/renames';

/** A caller's request to a launcher. */
export interface LaunchRequest {
  /** The program and its arguments. Never a shell line. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The agent's whole environment, except the mark. */
  readonly env: Readonly<Record<string, string>>;
  /** The file that is the agent's standard input, or null for none. */
  readonly stdinFile: string | null;
  readonly timeLimitMs: number | null;
  /** Time between the polite signal and the last one. */
  readonly graceMs: number;
  /** Beyond this many bytes the middle of the log is cut; 0 for no limit. */
  readonly logLimitBytes: number;
}

/** Everything a launcher needs to run one agent. */
export interface LaunchOrder extends LaunchRequest {
  /** Takes standard output and error. */
  readonly logFile: string;
  readonly startedFile: string;
  readonly exitFile: string;
  /** If this file exists, the dispatch was canceled. */
  readonly cancelFile: string;
  /** Of a session: its state, its decisions, and the folder of commands to it. */
  readonly stateFile: string;
  readonly decisionFile: string;
  readonly commandFolder: string;
  /** Seals the records. */
  readonly secret: string;
  readonly mark: LaunchMark;
}

const identity = z.object({ pid: z.int().min(2), startToken: z.string().nullable() });

const startedRecord = z.object({
  /** The launcher, which leads the process group. */
  launcher: identity,
  /** Null until the agent's process exists. */
  agent: identity.nullable(),
  argv: z.array(z.string()),
  cwd: z.string(),
  startedAtMs: z.number(),
});
/** Written before the agent starts, and again when it has. */
export type StartedRecord = z.infer<typeof startedRecord>;

const exitRecord = z.object({
  /** Null where a signal ended the agent, or where it never started. */
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  /** The launcher ended the agent at its time limit. */
  timedOut: z.boolean(),
  /** Why the agent could not be started; absent when it was. */
  problem: z.string().optional(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number(),
  /** Of the log, as `sha256:` and hexadecimal digits. */
  logHash: z.string().nullable(),
});
/** Written once the agent has ended, or could not be started. */
export type ExitRecord = z.infer<typeof exitRecord>;

const cancelRecord = z.object({ reason: z.string(), requestedAtMs: z.number() });
/** Written before an agent is killed, so that the window that sees it end knows the reason. */
export type CancelRecord = z.infer<typeof cancelRecord>;

const outputRecord = z.object({ outputFile: z.string() });
/** Written if a person named an output file elsewhere. */
export type OutputRecord = z.infer<typeof outputRecord>;

const ownerRecord = z.object({ database: z.string() });
/** Written with a dispatch's files, so that no other record deletes them. */
export type OwnerRecord = z.infer<typeof ownerRecord>;

/** A record that another program wrote or changed. */
export const UNPROVEN = 'unproven';
export type Unproven = typeof UNPROVEN;

/** The readers give undefined where there is no record. @throws KernelError `FILE_UNREADABLE` */
export function readStarted(files: DispatchFiles): Promise<StartedRecord | Unproven | undefined> {
  return readRecord(files, 'started', startedRecord);
}

export function readExit(files: DispatchFiles): Promise<ExitRecord | Unproven | undefined> {
  return readRecord(files, 'exit', exitRecord);
}

export function readCancel(files: DispatchFiles): Promise<CancelRecord | Unproven | undefined> {
  return readRecord(files, 'cancel', cancelRecord);
}

export function readOutput(files: DispatchFiles): Promise<OutputRecord | Unproven | undefined> {
  return readRecord(files, 'output', outputRecord);
}

export function readOwner(files: DispatchFiles): Promise<OwnerRecord | Unproven | undefined> {
  return readRecord(files, 'owner', ownerRecord);
}

/** Appears complete or not at all. */
export function writeCancel(files: DispatchFiles, record: CancelRecord): Promise<void> {
  return writeRecord(files, 'cancel', record);
}

export function writeOutput(files: DispatchFiles, record: OutputRecord): Promise<void> {
  return writeRecord(files, 'output', record);
}

export function writeOwner(files: DispatchFiles, record: OwnerRecord): Promise<void> {
  return writeRecord(files, 'owner', record);
}

/** The record, if it exists and its seal is right. */
export function proven<T>(record: T | Unproven | undefined): T | undefined {
  return record === UNPROVEN ? undefined : record;
}

type RecordName = 'started' | 'exit' | 'cancel' | 'output' | 'owner';

async function writeRecord(files: DispatchFiles, name: RecordName, record: unknown): Promise<void> {
  // Several callers in one process may end one agent at once.
  const staging = `${files[name]}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(staging, sealed(files.secret, name, record), { mode: 0o600 });
  await renameOver(staging, files[name]);
}

async function readRecord<T>(
  files: DispatchFiles,
  name: RecordName,
  schema: z.ZodType<T>,
): Promise<T | Unproven | undefined> {
  let content: string | undefined;
  try {
    content = await readSmallFile(files[name]);
  } catch (error) {
    throw readFailure(files[name], error);
  }
  if (content === undefined) return undefined;
  const text = unsealed(files.secret, name, content);
  if (text === undefined) return UNPROVEN;
  // A sealed record of another version of this program may have another shape.
  const parsed = schema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : UNPROVEN;
}
