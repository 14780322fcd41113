/**
 * `ic worktree`: snapshots of removed worktrees, and unused worktrees
 * (`docs/design/tasks.md#leading-and-recovery`).
 */
import path from 'node:path';
import { gitIn } from '../../host/git';
import { storageFolder } from '../../../host/state/stateFolder';
import { listProjects } from '../../../kernel/tasks/service';
import type { Loss } from '../../../contract/treeLoss';
import type { SkippedProject } from '../../../contract/results/worktrees';
import { UsageError } from '../../grammar/argv';
import { EXIT, type CliCommand, type CliContext, type ExitCode } from '../../command';
import type { Session } from '../../session';
import { positional, textOf } from '../../grammar/values';

const PROJECT_FLAG = { name: 'project', value: 'ID', doc: 'Of this project only (all)' } as const;

const snapshots: CliCommand = {
  words: ['worktree', 'snapshots'],
  summary: 'What was nowhere else in worktrees when they were removed, newest first.',
  strict: true,
  json: true,
  flags: [PROJECT_FLAG],
  exits: { 1: 'no such project', 2: 'a project could not be asked and is left out' },
  async run(context) {
    const session = await context.session();
    const { listWorktreeSnapshots } = await import('../../../services/tasks/worktree/worktreeSnapshots.js');
    const { snapshots: kept, skipped } = await listWorktreeSnapshots(
      depsOf(context, session),
      textOf(context.args, 'project'),
    );
    if (context.flags.json) {
      context.out.map(
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
      );
      return leftOutProjects(context, skipped);
    }
    for (const { ref, subtask, task, files, holds } of kept)
      context.out.row(ref, (subtask ?? task)?.title ?? '', files.join(' '), ...(await textOfLosses(holds)));
    return leftOutProjects(context, skipped);
  },
};

const restore: CliCommand = {
  words: ['worktree', 'restore'],
  summary: 'Bring a snapshot back in a worktree and on a branch of its own. Prints where.',
  operands: '<ref>',
  strict: true,
  json: true,
  flags: [{ name: 'project', value: 'ID', doc: 'Its project (the only one)' }],
  exits: { 1: 'no such snapshot, or no such project' },
  async run(context) {
    const ref = positional(context.args, 0, context.usage);
    const session = await context.session();
    const { restoreWorktreeSnapshot } = await import('../../../services/tasks/worktree/worktreeSnapshots.js');
    const storageDir = path.join(path.dirname(storageFolder(context.env)), 'tasks');
    const restored = await restoreWorktreeSnapshot(
      { ...depsOf(context, session), storageDir },
      projectOf(context, session),
      ref,
    );
    if (context.flags.json) context.out.map({ path: restored.path, branch: restored.branch, new: restored.isNew });
    else context.out.row(restored.path, restored.branch);
    return EXIT.ok;
  },
};

const unused: CliCommand = {
  words: ['worktree', 'unused'],
  summary: 'Unused worktrees of ours, and why: restored, planned, forgotten or deleted; unseen: it cannot be seen.',
  strict: true,
  json: true,
  flags: [PROJECT_FLAG],
  exits: { 1: 'no such project', 2: 'a project could not be asked and is left out' },
  async run(context) {
    const session = await context.session();
    const { findUnusedWorktrees } = await import('../../../services/tasks/worktree/unusedWorktrees.js');
    const { unused: found, skipped } = await findUnusedWorktrees(
      depsOf(context, session),
      textOf(context.args, 'project'),
    );
    if (context.flags.json) {
      context.out.map(
        found.map(({ path: place, branch, reason, changes, holds }) => ({
          path: place,
          branch,
          reason,
          changes,
          holds,
        })),
      );
      return leftOutProjects(context, skipped);
    }
    for (const { path: place, reason, branch, changes, holds } of found)
      context.out.row(place, reason, branch ?? '', changes.join(' '), ...(await textOfLosses(holds)));
    return leftOutProjects(context, skipped);
  },
};

const clean: CliCommand = {
  words: ['worktree', 'clean'],
  summary: 'Remove unused worktrees, after a snapshot of uncommitted changes. Branches stay.',
  operands: '[<folder>…]',
  strict: true,
  json: true,
  flags: [{ name: 'forget', doc: 'Let git forget the named worktrees that cannot be seen; their folders stay' }],
  exits: { 1: 'no such worktree, or it is needed', 2: 'one could not be removed' },
  async run(context) {
    const session = await context.session();
    const { removeUnusedWorktrees } = await import('../../../services/tasks/worktree/unusedWorktrees.js');
    const paths = context.args.positionals.map((folder) => path.resolve(context.cwd, folder));
    const forget = context.args.switches.has('forget');
    if (forget && paths.length === 0) throw new UsageError('--forget needs a folder', 'ic worktree unused');
    const chosen = paths.length === 0 ? undefined : paths;
    const { removed, left } = await removeUnusedWorktrees(depsOf(context, session), chosen, forget);
    for (const one of left) context.out.message(`${context.name}: ${one.path} is left: ${one.problem}`);
    if (context.flags.json)
      context.out.map({ removed: removed.map((one) => ({ ...one })), left: left.map((one) => one.path) });
    else for (const one of removed) context.out.row('removed', one.path, one.snapshot ?? '');
    return left.length === 0 ? EXIT.ok : EXIT.failure;
  },
};

const setup: CliCommand = {
  words: ['worktree', 'setup'],
  summary: 'What new worktrees need before they can run, as settings to copy; nothing is changed.',
  strict: true,
  json: true,
  flags: [PROJECT_FLAG],
  exits: { 1: 'no such project' },
  async run(context) {
    const session = await context.session();
    const { proposeProjectSetup } = await import('../../../services/tasks/worktreeSetup/projectSetup.js');
    const { proposals } = await proposeProjectSetup(depsOf(context, session), projectOf(context, session));
    if (context.flags.json) {
      context.out.map(proposals.map(({ isChosen, ...proposal }) => ({ ...proposal, chosen: isChosen })));
      return EXIT.ok;
    }
    for (const proposal of proposals) {
      const what = proposal.kind === 'command' ? JSON.stringify(proposal.command) : proposal.pattern;
      context.out.row(proposal.kind, what, proposal.source, proposal.isChosen ? 'chosen' : '');
    }
    return EXIT.ok;
  },
};

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

function depsOf({ env }: CliContext, { kernel }: Session) {
  return { kernel, git: gitIn(env, kernel.folder) };
}

/** The named project, or the only one there is. */
function projectOf(context: CliContext, session: Session): string {
  const asked = textOf(context.args, 'project');
  if (asked !== undefined) return asked;
  const [only, ...others] = session.read((reader) => listProjects(reader));
  if (only === undefined || others.length > 0) {
    throw new UsageError('--project is required', 'ic project list');
  }
  return only.id;
}

export const WORKTREE_COMMANDS: readonly CliCommand[] = [snapshots, restore, unused, clean, setup];
