/**
 * Repairs that `ic` makes before a command about tasks: it follows a repository that moved with the record, and
 * completes or undoes an interrupted merge. If there is neither, it starts no git and writes nothing.
 */
import { existsSync } from 'node:fs';
import { systemCode } from '../host/files/fileErrors';
import { silentLog } from '../host/log';
import { isKernelError, problemOf } from '../kernel/errors/errors';
import { listProjects } from '../kernel/tasks/service';
import type { CliContext } from './command/command';
import type { Session } from './command/session';

/**
 * Commands that only read, by their last word: they repair what they can, and the doctor reports the rest. `ic project
 * list` reports failed repairs too, because the doctor refers to that command.
 */
const READING: ReadonlySet<string> = new Set(['landing', 'list', 'show', 'snapshots', 'unused']);

/** Runs before the command reads the record. Does nothing in calls of agents. */
export async function putProjectsRight(session: Session, context: CliContext): Promise<void> {
  if (context.env['INTERCORE_DISPATCH_ID'] !== undefined || session.newer !== undefined) return;
  const projects = session.read((r) => [...listProjects(r)]);
  if (projects.length === 0) return;
  await reporting(context, () => followMoved(session, context));
  for (const { id } of projects) await reporting(context, () => repair(session, context, id));
}

async function followMoved({ kernel }: Session, { env, out, name }: CliContext): Promise<void> {
  if (kernel.read(listProjects).every(({ clonePath }) => existsSync(clonePath))) return;
  const { gitIn } = await import('./host/git.js');
  const { followMovedRepository } = await import('../services/tasks/project/projectMoves.js');
  const moved = await followMovedRepository({ kernel, git: gitIn(env, kernel.folder), log: silentLog });
  if (moved !== undefined) out.message(`${name}: the project ${moved.name} has moved to ${moved.clonePath}`);
}

async function repair({ kernel }: Session, { env, out, name }: CliContext, id: string): Promise<void> {
  const project = kernel.read(listProjects).find((found) => found.id === id);
  if (project === undefined) return;
  const { gitIn } = await import('./host/git.js');
  const git = gitIn(env, kernel.folder);
  const { repairInterrupted } = await import('../services/tasks/landing/interruptedMerges.js');
  for (const { branch, folder, isCompleted } of await repairInterrupted(git, project.clonePath)) {
    const outcome = isCompleted ? 'completed' : 'undone';
    out.message(`${name}: an interrupted merge into ${branch} in ${folder} was ${outcome}`);
  }
}

/** Reports failures without stopping: the command may not need what failed, or it fails for the same reason. */
async function reporting({ out, name }: CliContext, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // Git is not used there, so no merge can have been interrupted.
    const { leadsElsewhere } = await import('../host/git/config/gitDirectory.js');
    if (leadsElsewhere(error)) return;
    if (!isKernelError(error) && systemCode(error) === undefined) throw error;
    const isReading = READING.has(name.split(' ').at(-1) ?? '') && name !== 'project list';
    if (!isReading) out.message(`${name}: ${problemOf(error)}`);
  }
}
