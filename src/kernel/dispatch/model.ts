/** A dispatch: the one record of an agent process (design §5, §8; `spec/kernel.md` §4). */
import { z } from 'zod';
import type { DispatchId, RunId } from '../ids';

export const DISPATCH_STATUSES = ['spawned', 'running', 'completed', 'failed', 'timeout', 'cancelled'] as const;
export type DispatchStatus = (typeof DISPATCH_STATUSES)[number];

export interface Dispatch {
  readonly id: DispatchId;
  /** The agent kind: `claude`, `codex`, `shell`, or one from the settings. */
  readonly agentType: string;
  readonly status: DispatchStatus;
  readonly projectDir: string;
  readonly promptFile: string | null;
  readonly promptHash: string | null;
  readonly outputFile: string | null;
  readonly verdictFile: string | null;
  readonly pid: number | null;
  readonly exitCode: number | null;
  readonly name: string | null;
  readonly model: string | null;
  readonly sandbox: string | null;
  readonly timeoutSec: number | null;
  readonly turns: number;
  readonly commands: number;
  readonly messages: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheHits: number | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly verdictStatus: string | null;
  readonly verdictSummary: string | null;
  readonly errorMessage: string | null;
  readonly scopeId: string | null;
  readonly parentId: string | null;
}

/** What we know of the process beyond the Intercore columns, in our own table `dispatch_processes` (design §4). */
export interface DispatchProcess {
  readonly dispatchId: DispatchId;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly logFile: string;
  /** Where the launcher leaves exit code and times. */
  readonly exitFile: string;
  /** Tells a process from a later one with the same pid: its start time as the system tells it, with the boot id. */
  readonly startToken: string | null;
  /** The machine the process runs on; other machines must not judge its pid. */
  readonly host: string;
  readonly sessionId: string | null;
  readonly costUsd: number | null;
}

export const createDispatchInput = z.strictObject({
  agentType: z.string().min(1).max(64),
  projectDir: z.string().min(1),
  promptFile: z.string().optional(),
  promptHash: z.string().optional(),
  outputFile: z.string().optional(),
  verdictFile: z.string().optional(),
  name: z.string().min(1).max(200).optional(),
  model: z.string().min(1).max(200).optional(),
  sandbox: z.string().min(1).optional(),
  timeoutSec: z.int().positive().optional(),
  /** The run it works for; its scope. */
  scopeId: z.string().min(1).optional(),
  parentId: z.string().min(1).optional(),
});
export type CreateDispatchInput = z.input<typeof createDispatchInput>;

export interface ProcessFacts {
  readonly pid: number;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly logFile: string;
  readonly exitFile: string;
  readonly startToken: string | null;
  readonly host: string;
}

/** Absolute figures so far, not increments. An absent field keeps what is stored. */
export interface DispatchProgress {
  readonly turns?: number;
  readonly commands?: number;
  readonly messages?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheHits?: number;
  readonly sessionId?: string;
  readonly costUsd?: number;
}

export interface DispatchEnding {
  readonly status: 'completed' | 'failed' | 'timeout' | 'cancelled';
  readonly exitCode?: number;
  readonly verdictStatus?: string;
  readonly verdictSummary?: string;
  readonly errorMessage?: string;
  readonly progress?: DispatchProgress;
}

export interface DispatchFilter {
  readonly active?: boolean;
  readonly scopeId?: string;
  readonly status?: DispatchStatus;
}

export interface DispatchEvent {
  readonly id: number;
  readonly dispatchId: DispatchId;
  readonly runId: RunId | null;
  readonly fromStatus: string;
  readonly toStatus: string;
  readonly type: string;
  readonly reason: string | null;
  readonly createdAt: number;
}
