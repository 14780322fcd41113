/** `ic subtask`, as far as it is about where work lands: on this machine, or on GitHub (`docs/design/tasks.md#landing`). */
import { SUBTASK_OPERATIONS } from '../../../contract/operations/subtasks';
import type { Project } from '../../../kernel/tasks/record/model';
import { getProject, getTask } from '../../../kernel/tasks/service';
import type { MergeOutcome } from '../../../kernel/tasks/subtask/progress';
import { getSubtask } from '../../../kernel/tasks/subtask/subtasks';
import type { Reader } from '../../../kernel/unit';
import type { gitHubOperations } from '../../../services/operations/task/gitHubProjects';
import type { CliCommand, CliContext } from '../../command/command';
import { positional } from '../../grammar/values';
import { gitIn } from '../../host/git';
import { withGitHub } from '../../operations/gitHub';
import { operationCommands } from '../../operations/operationCommand';
import { present, type JsonValue } from '../../output/output';

const command = operationCommands<keyof typeof gitHubOperations & keyof typeof SUBTASK_OPERATIONS>({
  declarations: SUBTASK_OPERATIONS,
  load: async () => (await import('../../../services/operations/task/gitHubProjects.js')).gitHubOperations,
});

const landing = command('subtasks.landing', {
  summary: 'Where the work on a subtask is: none, open, closed or merged, with its pull request.',
  exits: { 1: 'no such subtask', 2: 'GitHub or git refused' },
  parts: withGitHub,
  text: (found, { out }) => out.row(found.kind, ...('url' in found && found.url !== null ? [found.url] : [])),
  json: (found) => ({
    kind: found.kind,
    ...present({ url: 'url' in found ? found.url : null, sha: found.kind === 'merged' ? found.sha : null }),
  }),
});

const PRINT_MERGE = {
  text({ unblocked, taskDone }: MergeOutcome, { out }: CliContext): void {
    out.line('merged');
    for (const one of unblocked) out.row('unblocked', one.id);
    if (taskDone) out.line('task done');
  },
  json: ({ subtask, unblocked, taskDone }: MergeOutcome): JsonValue => ({
    id: subtask.id,
    unblocked: unblocked.map((one) => one.id),
    task_done: taskDone,
  }),
};

const markMerged = command('subtasks.markMerged', {
  summary: 'Record that the work on a subtask was merged elsewhere, once GitHub or git agrees.',
  help: { force: { doc: 'Without asking' } },
  exits: { 1: 'no such subtask', 2: 'it is not merged, or not completed' },
  parts: async (context) => ({
    ...(await withGitHub(context)),
    settings: { 'intercore.github.verifyMerges': 'warn' },
  }),
  ...PRINT_MERGE,
});

const merging = command('subtasks.merge', {
  summary: 'Merge a completed subtask where it belongs: into the base branch on this machine, or its pull request.',
  exits: { 1: 'no such subtask', 2: 'it is not completed, or does not merge' },
  parts: withGitHub,
  ...PRINT_MERGE,
});

const merge: CliCommand = {
  ...merging,
  async run(context) {
    const { args, env, name, out, usage } = context;
    const id = positional(args, 0, usage);
    const { kernel } = await context.session();
    const before = kernel.read((r) => projectOf(r, id));
    const code = await merging.run(context);
    const hooks = before.remote === null ? await skippedHooks(env, kernel.folder, before) : [];
    if (hooks.length > 0) out.message(`${name}: these hooks of the repository did not run: ${hooks.join(', ')}`);
    const { defaultBranch } = kernel.read((r) => getProject(r, before.id));
    if (defaultBranch !== before.defaultBranch) {
      out.message(`${name}: the base branch ${before.defaultBranch} is now ${defaultBranch}`);
    }
    return code;
  },
};

/** What `git merge` would have run. @throws KernelError as `repositoryOf` */
async function skippedHooks(env: CliContext['env'], folder: string, project: Project): Promise<readonly string[]> {
  const { mergeHooks } = await import('../../../host/git/merge/mergeHooks.js');
  const { repositoryOf } = await import('../../../services/tasks/taskFolders.js');
  return mergeHooks(await repositoryOf({ git: gitIn(env, folder) }, project));
}

function projectOf(reader: Reader, subtaskId: string): Project {
  const { taskId } = getSubtask(reader, subtaskId);
  return getProject(reader, getTask(reader, taskId).projectId);
}

const retryPullRequest = command('subtasks.retryPullRequest', {
  summary: 'Push proven work again and open its pull request, which a window that has its folder open does.',
  exits: { 1: 'no such subtask', 2: 'it is not held' },
  text: 'IN_PROGRESS',
});

export const LANDING_COMMANDS: readonly CliCommand[] = [merge, landing, markMerged, retryPullRequest];
