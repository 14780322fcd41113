/** Where the operations on projects, tasks, subtasks and worktrees are reached. */
import type { OperationName } from './api';
import type { Surface } from './surfaceModel';

type Names = Extract<OperationName, `${'projects' | 'tasks' | 'subtasks' | 'worktrees'}.${string}`>;

const IN_VIEW = { not: 'the Tasks view shows it' };
const ONE_RECORD = { not: 'a record of ic has the projects of one folder' };
const TEXT_FILES = '--body-file';
/** A record may be changed by anybody; agents are started by the window that has its folder open. */
const BY_WINDOW = 'A VS Code window that has the folder open carries it out.';

export const VILLAGE_SURFACES: { readonly [N in Names]: Surface } = {
  'projects.add': {
    effect: 'change',
    about: 'Makes the git repository of a folder a project that tasks can be planned for.',
    command: 'intercore.project.useFolder',
    ic: 'project add',
    icArguments: { defaultBranch: '--base' },
  },
  'projects.addFromGitHub': {
    effect: 'change',
    about: 'Clones a repository of GitHub, or a fork where you may not push to it, and makes the clone a project.',
    command: 'intercore.project.addFromGitHub',
    ic: 'project add-from-github',
    icArguments: { open: { not: 'there is no window to open it in' } },
  },
  'projects.sync': {
    effect: 'change',
    about: 'Fetches what the remote of a project has, and records what was merged on GitHub.',
    command: 'intercore.project.sync',
    ic: 'project sync',
  },
  'projects.freeClone': {
    effect: 'destroy',
    about: 'Takes the files of a clone from the disk, all but its record; whatever needs it next clones it again.',
    command: 'intercore.project.freeClone',
    ic: 'project free',
  },
  'projects.list': {
    effect: 'read',
    about: 'The projects of a folder, oldest first.',
    command: IN_VIEW,
    ic: 'project list',
  },
  'projects.remove': {
    effect: 'destroy',
    about: 'Takes a project and its tasks out of the record. Its repository stays as it is.',
    command: 'intercore.project.remove',
    ic: { not: 'it asks a person, in the editor' },
  },
  'tasks.create': {
    effect: 'change',
    about: `Writes down a task. A planner agent splits it into subtasks. ${BY_WINDOW}`,
    command: 'intercore.task.create',
    ic: 'task create',
    icArguments: { description: TEXT_FILES },
    core: true,
  },
  'tasks.list': {
    effect: 'read',
    about: 'Tasks, newest first, with their status.',
    command: IN_VIEW,
    ic: 'task list',
    icArguments: { projectId: ONE_RECORD },
    core: true,
  },
  'tasks.get': {
    effect: 'read',
    about: 'A task with its subtasks, what waits for what, and the attempts of its planner.',
    command: 'intercore.task.show',
    ic: 'task show',
    core: true,
  },
  'tasks.retryPlanning': {
    effect: 'change',
    about: `Plans a task again whose planning failed or was stopped. ${BY_WINDOW}`,
    command: 'intercore.task.retryPlanning',
    ic: 'task retry',
  },
  'tasks.stopPlanning': {
    effect: 'destroy',
    about: 'Stops the planner of a task.',
    command: 'intercore.task.stopPlanning',
    ic: 'task stop',
  },
  'tasks.sync': {
    effect: 'change',
    about:
      'Brings tasks that agents work on in Beads, and their issues there, to agree. Says what could not be taken over.',
    command: 'intercore.task.sync',
    ic: 'task sync',
  },
  'tasks.setAutoStart': {
    effect: 'change',
    about: 'Whether the subtasks of a task start by themselves when what they wait for is merged.',
    command: 'intercore.task.toggleAutoStart',
    ic: { not: 'ic task create --auto-start says it beforehand' },
  },
  'tasks.delete': {
    effect: 'destroy',
    about: 'Deletes a task and ends its agents. Unmerged branches and a snapshot of each worktree stay.',
    command: 'intercore.task.delete',
    ic: 'task delete',
  },
  'subtasks.add': {
    effect: 'change',
    about: 'Adds a subtask to a task, after those there are.',
    command: 'intercore.subtask.add',
    ic: 'subtask create',
    icArguments: { spec: TEXT_FILES, implementationPlan: TEXT_FILES, acceptanceCriteria: TEXT_FILES },
  },
  'subtasks.list': {
    effect: 'read',
    about: 'The subtasks of a task, in their order.',
    command: IN_VIEW,
    ic: 'subtask list',
    core: true,
  },
  'subtasks.get': {
    effect: 'read',
    about: 'A subtask with its plan, notes, dependencies and the attempts of its worker.',
    command: 'intercore.subtask.show',
    ic: 'subtask show',
    core: true,
  },
  'subtasks.start': {
    effect: 'change',
    about: `Begins the work on a subtask. ${BY_WINDOW}`,
    command: 'intercore.subtask.start',
    ic: 'subtask start',
    core: true,
  },
  'subtasks.retry': {
    effect: 'change',
    about: `Works again on a subtask that failed or was stopped, on the branch there is. ${BY_WINDOW}`,
    command: 'intercore.subtask.retry',
    ic: 'subtask retry',
  },
  'subtasks.stop': {
    effect: 'destroy',
    about: 'Stops the work on a subtask. Its branch and worktree stay.',
    command: 'intercore.subtask.stop',
    ic: 'subtask stop',
  },
  'subtasks.merge': {
    effect: 'change',
    about:
      'Merges a completed subtask where it belongs and frees what waited for it: into the base branch on this machine, or its open pull request on GitHub.',
    command: 'intercore.subtask.merge',
    ic: 'subtask merge',
  },
  'subtasks.landing': {
    effect: 'read',
    about: 'What has become of the work on a subtask: whether its pull request is open, closed or merged.',
    command: 'intercore.subtask.openPullRequest',
    ic: 'subtask landing',
  },
  'subtasks.markMerged': {
    effect: 'destroy',
    about: 'Records that the work on a subtask was merged elsewhere. With force, GitHub is not asked.',
    command: 'intercore.subtask.markMerged',
    ic: 'subtask mark-merged',
  },
  'subtasks.retryPullRequest': {
    effect: 'change',
    about: `Pushes proven work once more that could not be brought out, and opens its pull request. ${BY_WINDOW}`,
    command: 'intercore.subtask.retryPullRequest',
    ic: 'subtask retry-pull-request',
  },
  'subtasks.changes': {
    effect: 'read',
    about: 'The files and commits that the work on a subtask has changed so far.',
    command: 'intercore.subtask.showChanges',
    ic: { not: 'git shows it: the branch is in ic subtask show' },
  },
  'subtasks.addDependency': {
    effect: 'change',
    about: 'Lets a subtask wait until another is merged.',
    command: 'intercore.subtask.addDependency',
    ic: 'subtask depend',
    icArguments: { dependsOn: '--on' },
  },
  'subtasks.removeDependency': {
    effect: 'destroy',
    about: 'Lets a subtask wait for another no more.',
    command: 'intercore.subtask.removeDependency',
    ic: 'subtask depend',
    icArguments: { dependsOn: '--on' },
  },
  'subtasks.reorder': {
    effect: 'change',
    about: 'Moves a subtask before another of its task, or with before null to the end.',
    command: { not: 'Move Subtask Up and Move Subtask Down move it by one place' },
    ic: 'subtask move',
  },
  'subtasks.edit': {
    effect: 'change',
    about: 'Changes the texts of a subtask that nobody has begun. What is left out stays.',
    command: 'intercore.subtask.edit',
    ic: 'subtask edit',
    icArguments: { spec: TEXT_FILES, implementationPlan: TEXT_FILES, acceptanceCriteria: TEXT_FILES },
  },
  'subtasks.remove': {
    effect: 'destroy',
    about: 'Takes a subtask that nobody has begun out of the plan.',
    command: 'intercore.subtask.remove',
    ic: 'subtask remove',
  },
  'subtasks.note': {
    effect: 'change',
    about: 'Leaves a note on a subtask for whoever works on it next.',
    command: 'intercore.subtask.addNote',
    ic: 'subtask note',
    icArguments: { text: TEXT_FILES },
    core: true,
  },
  'worktrees.snapshots': {
    effect: 'read',
    about: 'What was kept of worktrees that are gone, newest first.',
    command: 'intercore.worktree.restore',
    ic: 'worktree snapshots',
  },
  'worktrees.restore': {
    effect: 'change',
    about: 'Brings a snapshot back in a worktree and on a branch of its own. No other worktree is touched.',
    command: 'intercore.worktree.restore',
    ic: 'worktree restore',
  },
  'worktrees.strays': {
    effect: 'read',
    about: 'Worktrees of ours that nobody needs, and why.',
    command: 'intercore.worktree.cleanUp',
    ic: 'worktree strays',
  },
  'worktrees.clean': {
    effect: 'destroy',
    about: 'Removes worktrees that nobody needs, after a snapshot of what is not committed. Branches stay.',
    command: 'intercore.worktree.cleanUp',
    ic: 'worktree clean',
    icArguments: { paths: '<folder>' },
  },
};
