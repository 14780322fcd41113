/** Operations on projects: repositories that tasks are planned for. */
import * as z from 'zod';
import type { Project } from '../../kernel/tasks/record/model';
import type { ListedProject, ProjectSync, RemovedProject, TrustedLocation } from '../results/tasks';
import { folder, location, ofProject, someSubtask } from '../declarations/arguments';
import { confirm, operation, resultOf, type Gestures } from '../declarations/operation';
import { IN_PERSON, IN_VIEW, SHOWN_PATH, SOME_PROJECT, SOME_PROJECT_TO_SEE } from '../declarations/ways';

const CLONE_STAYS = { not: 'its clone stays; ic project free frees its disk' };

export const PROJECT_OPERATIONS = {
  /** Makes the repository that the folder is in a project. A folder without a record gets one. */
  'projects.add': operation({
    args: z.strictObject({
      folder,
      name: z.string().min(1).max(200).optional(),
      defaultBranch: z.string().min(1).max(255).optional(),
    }),
    result: resultOf<Project>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Makes the git repository of a folder a project for tasks.',
    command: {
      id: 'intercore.project.useFolder',
      title: 'Use This Folder',
      palette: 'intercore.databaseWritable || isWorkspaceTrusted && intercore.databaseMissing',
    },
    ic: 'project add',
    icArguments: { defaultBranch: '--base' },
  }),
  /**
   * Clones a repository of GitHub, or the person's fork of it where they may not push to it, and makes the clone a
   * project, in a record of its own. `open` left out: its folder joins the workspace, where there is one.
   */
  'projects.addFromGitHub': operation({
    args: z.strictObject({ url: z.string().max(2000), open: z.boolean().optional() }),
    result: resultOf<Project>(),
    effect: 'change',
    decides: 'person',
    about: 'Clones a GitHub repository, or a fork of it if you have no push access, and makes the clone a project.',
    command: {
      id: 'intercore.project.addFromGitHub',
      title: 'Add Project from GitHub…',
      palette: 'isWorkspaceTrusted',
    },
    ic: 'project add-from-github',
    icArguments: { open: { not: 'there is no window to open it in' } },
  }),
  /** Fetches what its remote has, brings a fork up to date, and records what was merged on GitHub. */
  'projects.sync': operation({
    args: z.strictObject(ofProject),
    result: resultOf<ProjectSync>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Fetches the remote of a project, and records the pull requests that were merged on GitHub.',
    command: { id: 'intercore.project.sync', title: 'Sync Project', palette: SOME_PROJECT },
    ic: 'project sync',
  }),
  /**
   * Takes the files of a clone that we made from the disk, all but its record; whatever needs it next clones it again.
   * `discard`: also what is nowhere else.
   */
  'projects.freeClone': operation({
    args: z.strictObject({ ...ofProject, discard: z.literal(true).optional() }),
    result: resultOf<Project>(),
    effect: 'destroy',
    decides: 'person',
    about: 'Deletes the files of a clone except its record. It is cloned again when it is needed.',
    command: { id: 'intercore.project.freeClone', title: 'Free Disk Space…', palette: SOME_PROJECT, confirm: true },
    ic: 'project free',
  }),
  'projects.list': operation({
    args: z.strictObject({ folder }),
    /** Oldest first. */
    result: resultOf<readonly ListedProject[]>(),
    effect: 'read',
    decides: 'anyone',
    about: 'The projects of a folder, oldest first.',
    command: IN_VIEW,
    ic: 'project list',
  }),
  /** Allows git to run in its clone. `path`: the real path that the person was shown. */
  'projects.trustLocation': operation({
    args: z.strictObject({ ...ofProject, path: location.optional() }),
    result: resultOf<TrustedLocation>(),
    effect: 'change',
    decides: 'person',
    about: 'Allows git to run in a clone that is recorded at another location.',
    command: {
      id: 'intercore.project.trustLocation',
      title: 'Trust This Location…',
      palette: SOME_PROJECT,
      confirm: true,
    },
    ic: 'project trust',
    icArguments: { path: SHOWN_PATH },
    mcp: IN_PERSON,
  }),
  /** Its repository was moved; `to`: the folder where it is now, which a person has chosen. */
  'projects.relocate': operation({
    args: z.strictObject({ ...ofProject, to: location }),
    result: resultOf<Project>(),
    effect: 'change',
    decides: 'person',
    about: 'Records the new location of the repository of a project.',
    command: { id: 'intercore.project.relocate', title: 'Relocate Project…', palette: SOME_PROJECT, confirm: true },
    ic: 'project relocate',
    icArguments: { to: '[<folder>]' },
    mcp: IN_PERSON,
  }),
  /** What is in work keeps the commit that it started at. */
  'projects.changeBase': operation({
    args: z.strictObject({ ...ofProject, branch: z.string().min(1).max(255) }),
    result: resultOf<Project>(),
    effect: 'change',
    decides: 'person',
    about:
      'Changes the branch that work of a project is merged into. Subtasks in progress keep the commit that they started at.',
    command: { id: 'intercore.project.changeBase', title: 'Change Base Branch…', palette: SOME_PROJECT },
    ic: 'project base',
  }),
  /** Its repository stays as it is, unless `clone`: the clone that we made goes with it, and the record in it. */
  'projects.remove': operation({
    args: z.strictObject({
      ...ofProject,
      clone: z.literal(true).optional(),
      /** Its tasks go with it: agents end, worktrees go after a snapshot, unmerged branches stay. */
      tasks: z.literal(true).optional(),
      discard: z.literal(true).optional(),
    }),
    result: resultOf<RemovedProject>(),
    effect: 'destroy',
    decides: 'person',
    about: 'Removes a project and its tasks from the record. Its repository is not changed.',
    command: { id: 'intercore.project.remove', title: 'Remove Project…', palette: SOME_PROJECT, confirm: true },
    ic: 'project remove',
    icArguments: { clone: CLONE_STAYS, discard: CLONE_STAYS, tasks: '--with-tasks' },
  }),
};

/** Commands that do no operation. */
export const PROJECT_GESTURES = {
  'intercore.board.open': {
    title: 'Open Board',
    palette: SOME_PROJECT_TO_SEE,
    args: z.strictObject({ folder }),
    changes: false,
  },
  'intercore.project.allowAgents': {
    title: 'Allow Agents…',
    palette: SOME_PROJECT,
    args: z.strictObject({ folder }).extend({ confirm }),
    changes: true,
  },
  'intercore.project.takeOver': {
    title: 'Take Over Tasks…',
    palette: `${SOME_PROJECT} && intercore.ledElsewhere`,
    args: z.strictObject({ folder }).extend({ confirm }),
    changes: true,
  },
  'intercore.project.handOver': {
    title: 'Hand Over Tasks…',
    palette: `${SOME_PROJECT} && intercore.ledHere`,
    args: z.strictObject({ folder }).extend({ confirm }),
    changes: true,
  },
  /** With a subtask whose work is held: its pull request is retried afterwards. */
  'intercore.github.signIn': {
    title: 'Sign In to GitHub',
    palette: 'isWorkspaceTrusted',
    args: someSubtask,
    changes: true,
  },
} as const satisfies Gestures;
