/** Observes running agents beyond the record: when their output grew, and whether they changed files. */
import { stat } from 'node:fs/promises';
import { ifThere } from '../../host/files/fileErrors';
import type { Git } from '../../host/git/git';
import type { Log } from '../../host/log';
import type { Dispatch } from '../../kernel/dispatch/model';
import { dispatchProcess } from '../../kernel/dispatch/service';
import { KernelError } from '../../kernel/errors/errors';
import { logLocationOf } from '../dispatch/follow/logLocation';
import type { ProjectKernel } from '../record/projectKernel';
import type { Output, AgentObservations } from './items/agentItems';
import type { StuckLimits } from './items/stuck';
import { workersOf } from './items/workers';

export interface ObservationDeps {
  readonly git: Git;
  readonly log: Log;
  /** The folders of logs. */
  storages(): readonly string[];
}

/** Checks the log of each live dispatch, and the worktrees of agents with enough failed attempts. Reads no session. */
export async function observeAgents(
  deps: ObservationDeps,
  kernel: ProjectKernel,
  limits: StuckLimits,
): Promise<Omit<AgentObservations, 'sessions' | 'absent'>> {
  const workers = kernel.read(workersOf);
  const outputs = new Map<string, Output>();
  for (const { dispatch } of limits.minutes === 0 ? [] : workers) {
    const output = dispatch && (await outputOf(deps, kernel, dispatch));
    if (output !== undefined) outputs.set(dispatch?.id ?? '', output);
  }
  const tired = limits.attempts === 0 ? [] : workers.filter(({ ended }) => ended.length >= limits.attempts);
  const unchanged = new Set<string>();
  for (const { subtask } of tired) {
    if (subtask !== undefined && (await hasNoChange(deps, kernel, subtask.id))) unchanged.add(subtask.id);
  }
  return { outputs, unchanged, compared: tired.length > 0 };
}

/** The start counts as output, because an agent may think before it prints. Undefined if the log is not ours. */
async function outputOf(deps: ObservationDeps, kernel: ProjectKernel, dispatch: Dispatch): Promise<Output | undefined> {
  const process = kernel.read((r) => dispatchProcess(r, dispatch.id));
  const place = await logLocationOf(dispatch, process, deps.storages());
  if (place.kind !== 'own') return undefined;
  const { file } = place;
  const startedAtMs = (dispatch.startedAt ?? dispatch.createdAt) * 1000;
  const found = await ifThere(stat(file));
  return { file, atMs: Math.max(startedAtMs, found?.mtimeMs ?? 0) };
}

/** A worktree that cannot be compared counts as changed. */
async function hasNoChange({ git, log }: ObservationDeps, kernel: ProjectKernel, subtaskId: string): Promise<boolean> {
  // Few agents fail that often, and comparing needs most of git.
  const { changesOf } = await import('../tasks/proof/changes.js');
  try {
    const { files, commits } = await changesOf({ kernel, git }, subtaskId);
    return files.length === 0 && commits.length === 0;
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    log.debug('changes not compared', { subtask: subtaskId, problem: error.message });
    return false;
  }
}
