/**
 * `ic worktree`: what was kept of worktrees that were removed, and those that are not needed
 * (`docs/design/tasks.md#leading-and-recovery`).
 */
import path from 'node:path';
import { WORKTREE_OPERATIONS } from '../../../contract/operations/worktrees';
import type { SkippedProject } from '../../../contract/results/worktrees';
import type { Loss } from '../../../contract/treeLoss';
import { listProjects } from '../../../kernel/tasks/service';
import type { worktreeOperations } from '../../../services/operations/task/worktrees';
import { EXIT, type CliCommand, type CliContext, type ExitCode } from '../../command/command';
import { UsageError } from '../../grammar/argv';
import { textOf } from '../../grammar/values';
import { operationCommands, type OwnForm } from '../../operations/operationCommand';
import { LEFT_OUT } from '../../output/leftOut';

const command = operationCommands<keyof typeof worktreeOperations>({
  declarations: WORKTREE_OPERATIONS,
  load: async () => (await import('../../../services/operations/task/worktrees.js')).worktreeOperations,
});

const OF_PROJECT = { projectId: { value: 'ID', doc: 'Of this project only (all)' } };
const SKIPS = { 1: 'no such project', 2: 'a project could not be asked and is left out' } as const;

const snapshots = command('worktrees.snapshots', {
  summary: 'What was nowhere else in worktrees when they were removed, newest first.',
  help: OF_PROJECT,
  exits: SKIPS,
  async text({ snapshots: kept }, { out }) {
    for (const { ref, subtask, task, files, holds } of kept)
      out.row(ref, (subtask ?? task)?.title ?? '', files.join(' '), ...(await textOfLosses(holds)));
  },
  json: ({ snapshots: kept }) =>
    kept.map((one) => ({
      ref: one.ref,
      project_id: one.projectId,
      head: one.head,
      taken_at: one.takenAt,
      task_id: one.task?.id ?? null,
      subtask_id: one.subtask?.id ?? null,
      files: one.files,
      holds: one.holds,
    })),
  after: ({ skipped }, context) => leftOutProjects(context, skipped),
});

const restore = command('worktrees.restore', {
  actsOnRows: true,
  summary: 'Bring a snapshot back in a worktree and on a branch of its own. Prints where.',
  form: {
    flags: [{ name: 'project', value: 'ID', doc: 'Its project (the only one)' }],
    read: async (context) => ({ projectId: await projectOf(context) }),
  },
  exits: { 1: 'no such snapshot, or no such project', ...LEFT_OUT },
  text: ({ path: folder, branch }, { out }) => out.row(folder, branch),
  json: ({ path: folder, branch, isNew }) => ({ path: folder, branch, new: isNew }),
});

const unused = command('worktrees.unused', {
  summary:
    'Worktrees of Intercore that are not needed, and why: restored, planned, forgotten or deleted; unseen: it cannot be seen.',
  help: OF_PROJECT,
  exits: SKIPS,
  async text({ unused: found }, { out }) {
    for (const { path: folder, reason, branch, changes, holds } of found)
      out.row(folder, reason, branch ?? '', changes.join(' '), ...(await textOfLosses(holds)));
  },
  json: ({ unused: found }) =>
    found.map(({ path: folder, branch, reason, changes, holds }) => ({ path: folder, branch, reason, changes, holds })),
  after: ({ skipped }, context) => leftOutProjects(context, skipped),
});

/** Folders are named as a shell names them. */
const FOLDERS: OwnForm = {
  flags: [],
  read({ args, cwd }) {
    const paths = args.positionals.map((folder) => path.resolve(cwd, folder));
    if (paths.length > 0) return Promise.resolve({ paths });
    if (args.switches.has('forget')) throw new UsageError('--forget needs a folder', 'ic worktree unused');
    return Promise.resolve({});
  },
};

const clean = command('worktrees.clean', {
  summary: 'Remove worktrees that are not needed, after a snapshot of what is not committed. Branches stay.',
  form: FOLDERS,
  help: { forget: { doc: 'Let git forget the named worktrees that cannot be seen; their folders stay' } },
  exits: { 1: 'no such worktree, or it is needed', 2: 'one could not be removed' },
  text({ removed }, { out }) {
    for (const one of removed) out.row('removed', one.path, one.snapshot ?? '');
  },
  json: ({ removed, left }) => ({ removed: removed.map((one) => ({ ...one })), left: left.map((one) => one.path) }),
  after({ left }, { name, out }) {
    for (const one of left) out.message(`${name}: ${one.path} is left: ${one.problem}`);
    return left.length === 0 ? EXIT.ok : EXIT.failure;
  },
});

const setup = command('worktrees.proposeSetup', {
  summary: 'What new worktrees need before they can run, as settings to copy; nothing is changed.',
  help: OF_PROJECT,
  form: { flags: [], read: async (context) => ({ projectId: await projectOf(context) }) },
  exits: { 1: 'no such project' },
  text({ proposals }, { out }) {
    for (const proposal of proposals) {
      const what = proposal.kind === 'command' ? JSON.stringify(proposal.command) : proposal.pattern;
      out.row(proposal.kind, what, proposal.source, proposal.isChosen ? 'chosen' : '');
    }
  },
  json: ({ proposals }) => proposals.map(({ isChosen, ...proposal }) => ({ ...proposal, chosen: isChosen })),
});

/** A column for what is kept besides files; none where there is nothing. */
async function textOfLosses(losses: readonly Loss[]): Promise<readonly string[]> {
  if (losses.length === 0) return [];
  const { lossName } = await import('../../../contract/treeLoss.js');
  return [losses.map(lossName).join('; ')];
}

/** The exit code of a list that shows the other projects. */
function leftOutProjects({ name, out }: CliContext, skipped: readonly SkippedProject[]): ExitCode {
  for (const one of skipped) out.message(`${name}: project ${one.projectId} (${one.name}) left out: ${one.problem}`);
  if (skipped.length === 0) return EXIT.ok;
  out.note('  The other projects are shown. If a location is yours, trust it with: ic project trust ID');
  return EXIT.failure;
}

/** The named project, or the only one there is. @throws UsageError */
async function projectOf(context: CliContext): Promise<string> {
  const asked = textOf(context.args, 'project');
  if (asked !== undefined) return asked;
  const session = await context.session();
  const [only, ...others] = session.read((reader) => listProjects(reader));
  if (only === undefined || others.length > 0) throw new UsageError('--project is required', 'ic project list');
  return only.id;
}

export const WORKTREE_COMMANDS: readonly CliCommand[] = [snapshots, restore, unused, clean, setup];
