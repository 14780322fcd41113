/**
 * What `ic` puts right before a command about tasks, where it is certain: a repository that moved with the record, and a
 * merge that was interrupted. Where there is neither, it starts no git and writes nothing.
 */
import { existsSync } from 'node:fs';
import { systemCode } from '../host/files/fileErrors';
import { silentLog } from '../host/log';
import { isKernelError, problemOf } from '../kernel/errors/errors';
import { listProjects } from '../kernel/tasks/service';
import type { CliContext } from './command';
import type { Session } from './session';

/**
 * Commands that only read, by their last word: they repair what they can, and leave it to the doctor to name the rest.
 * `ic project list` reports it, since the doctor names that command.
 */
const READING: ReadonlySet<string> = new Set(['landing', 'list', 'show', 'snapshots', 'unused']);

/** Before the command reads the record. Calls of agents change nothing here. */
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

/** The command itself may not need what failed here, or fails for the same cause. */
async function reporting({ out, name }: CliContext, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // Git is not used there, so nothing of ours can be interrupted.
    const { leadsElsewhere } = await import('../host/git/config/gitDirectory.js');
    if (leadsElsewhere(error)) return;
    if (!isKernelError(error) && systemCode(error) === undefined) throw error;
    const isReading = READING.has(name.split(' ').at(-1) ?? '') && name !== 'project list';
    if (!isReading) out.message(`${name}: ${problemOf(error)}`);
  }
}
