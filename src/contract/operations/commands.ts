/**
 * The closed table of commands (`docs/design/editor.md`). The manifest, the registrations, the palette rules and
 * docs/reference.md are checked against it by `test/contract/manifest.test.ts`.
 *
 * Every argument may be left out: the command asks for what it lacks. `confirm: true` stands for the answer to its
 * question, so that a keybinding or another extension can do without it.
 */
import * as z from 'zod';
import { OPERATIONS } from './api';
import { EXPORT_FORMATS } from '../pages/timeline';

export interface CommandSpec {
  /** One plain JSON object, also what a row of a view is reduced to. */
  readonly args: z.ZodObject;
  /** Where the palette shows it: `always`, `never`, or a when-clause. */
  readonly palette: string;
  /** It changes the record or runs something, so it refuses in an untrusted window. */
  readonly changes: boolean;
}

const confirm = z.literal(true).optional();
const ofFolder = OPERATIONS['database.initialize'];
const ofRun = OPERATIONS['runs.get'].partial();
const ofDispatch = OPERATIONS['dispatches.get'].partial();

/** An agent kind, or a row whose agent waits. */
const ofAccount = z.strictObject({
  folder: z.string().min(1).optional(),
  agentKind: z.string().min(1).max(64).optional(),
  dispatchId: z.string().min(1).optional(),
  taskId: z.string().min(1).optional(),
  subtaskId: z.string().min(1).optional(),
});
const SOME_HELD_ACCOUNT = 'isWorkspaceTrusted && intercore.accountHeld';

const ofNeed = z.strictObject({ itemId: z.string().min(1).optional() });

const WRITABLE = 'intercore.databaseWritable';
const ACTIVE_RUN = 'intercore.databaseWritable && intercore.runActive';
const SOME_RUN = 'intercore.runPresent';
const SOME_DISPATCH = 'intercore.dispatchPresent';

const ofPortfolio = OPERATIONS['portfolios.get'].partial();
const SOME_PORTFOLIO = 'intercore.portfolioPresent';
const ACTIVE_PORTFOLIO = 'intercore.portfolioWritable && intercore.portfolioActive';

const ofTask = OPERATIONS['tasks.get'].partial();
const ofSubtask = OPERATIONS['subtasks.get'].partial();
const SOME_PROJECT = 'intercore.databaseWritable && intercore.projectPresent';
const SOME_PROJECT_TO_SEE = 'intercore.projectPresent';
const SOME_TASK = 'intercore.taskPresent';
const SOME_SUBTASK = 'intercore.subtaskPresent';

export const COMMANDS = {
  'intercore.database.initialize': {
    args: ofFolder,
    palette: 'isWorkspaceTrusted && intercore.databaseMissing',
    changes: true,
  },
  'intercore.database.open': { args: ofFolder, palette: 'intercore.databasePresent', changes: false },
  'intercore.database.reload': { args: ofFolder, palette: 'intercore.databasePresent', changes: false },
  'intercore.database.recover': {
    args: ofFolder,
    palette: 'isWorkspaceTrusted && intercore.databasePresent',
    changes: true,
  },
  'intercore.database.restoreBackup': {
    args: ofFolder.extend({ confirm }),
    palette: 'isWorkspaceTrusted && intercore.backupPresent',
    changes: true,
  },
  'intercore.database.remove': {
    args: OPERATIONS['database.remove'].extend({ confirm }),
    palette: 'isWorkspaceTrusted && intercore.databasePresent',
    changes: true,
  },
  /** Merged into what the file holds; other servers in it stay. */
  'intercore.mcp.writeConfig': {
    args: ofFolder.extend({ confirm }),
    palette: 'isWorkspaceTrusted && intercore.databasePresent',
    changes: true,
  },
  'intercore.log.show': { args: z.strictObject({}), palette: 'always', changes: false },
  'intercore.settings.open': { args: z.strictObject({}), palette: 'always', changes: false },
  'intercore.walkthrough.open': { args: z.strictObject({}), palette: 'always', changes: false },
  /** It makes a workspace of its own and opens it; what is open here is not touched. */
  'intercore.demo.open': { args: z.strictObject({}), palette: 'isWorkspaceTrusted', changes: true },
  'intercore.demo.remove': { args: z.strictObject({ confirm }), palette: 'isWorkspaceTrusted', changes: true },
  'intercore.doctor.run': { args: OPERATIONS['doctor.run'], palette: 'always', changes: false },
  /** `finding`: its place in the newest report. */
  'intercore.doctor.fix': {
    args: z.strictObject({ finding: z.int().min(0).optional() }),
    palette: 'always',
    changes: false,
  },

  'intercore.attention.show': { args: z.strictObject({}), palette: 'always', changes: false },
  /** `itemId` left out: asks which. */
  'intercore.attention.reveal': { args: ofNeed, palette: 'intercore.needPresent', changes: false },
  'intercore.attention.act': { args: ofNeed, palette: 'intercore.needPresent', changes: false },

  'intercore.run.create': { args: OPERATIONS['runs.create'].partial(), palette: WRITABLE, changes: true },
  'intercore.run.next': { args: ofRun, palette: SOME_RUN, changes: false },
  'intercore.run.advance': { args: OPERATIONS['runs.advance'].partial(), palette: ACTIVE_RUN, changes: true },
  'intercore.run.skip': { args: OPERATIONS['runs.skip'].partial(), palette: ACTIVE_RUN, changes: true },
  'intercore.run.rollback': {
    args: OPERATIONS['runs.rollback'].partial().extend({ confirm }),
    palette: `${WRITABLE} && ${SOME_RUN}`,
    changes: true,
  },
  'intercore.run.cancel': {
    args: OPERATIONS['runs.cancel'].partial().extend({ confirm }),
    palette: ACTIVE_RUN,
    changes: true,
  },
  'intercore.run.setGoal': {
    args: OPERATIONS['runs.set'].pick({ folder: true, runId: true, goal: true }).partial(),
    palette: ACTIVE_RUN,
    changes: true,
  },
  'intercore.run.setBudget': {
    args: OPERATIONS['runs.set']
      .pick({ folder: true, runId: true, tokenBudget: true, budgetWarnPct: true })
      .extend({ costBudgetUsd: OPERATIONS['budgets.set'].shape.costUsd })
      .partial(),
    palette: ACTIVE_RUN,
    changes: true,
  },
  'intercore.run.show': { args: ofRun, palette: SOME_RUN, changes: false },
  'intercore.run.showEvents': { args: ofRun, palette: SOME_RUN, changes: false },
  'intercore.timeline.show': { args: ofRun, palette: SOME_RUN, changes: false },
  /** `file` left out: asks where to; relative: to the folder. */
  'intercore.timeline.export': {
    args: ofRun.extend({ format: z.enum(EXPORT_FORMATS).optional(), file: z.string().min(1).max(4096).optional() }),
    palette: SOME_RUN,
    changes: false,
  },
  'intercore.run.reveal': { args: ofRun, palette: SOME_RUN, changes: false },
  'intercore.run.copyId': { args: ofRun, palette: SOME_RUN, changes: false },

  'intercore.gate.check': {
    args: OPERATIONS['gates.check'].partial(),
    palette: 'intercore.databaseReadable && intercore.runActive',
    changes: false,
  },
  'intercore.gate.override': { args: OPERATIONS['gates.override'].partial(), palette: ACTIVE_RUN, changes: true },
  'intercore.gate.rules': { args: OPERATIONS['gates.rules'], palette: 'always', changes: false },
  'intercore.gate.showEvidence': {
    args: ofRun.extend({ eventId: z.int().positive().optional() }),
    palette: SOME_RUN,
    changes: false,
  },

  'intercore.artifact.add': { args: OPERATIONS['artifacts.add'].partial(), palette: ACTIVE_RUN, changes: true },
  'intercore.artifact.open': {
    args: ofRun.extend({ artifactId: z.string().min(1).max(128).optional() }),
    palette: SOME_RUN,
    changes: false,
  },

  'intercore.agent.add': { args: OPERATIONS['agents.add'].partial(), palette: ACTIVE_RUN, changes: true },
  'intercore.agent.update': {
    args: OPERATIONS['agents.update'].partial().extend({ runId: ofRun.shape.runId }),
    palette: ACTIVE_RUN,
    changes: true,
  },

  'intercore.dispatch.start': { args: OPERATIONS['dispatches.start'].partial(), palette: WRITABLE, changes: true },
  'intercore.dispatch.kill': {
    args: OPERATIONS['dispatches.kill'].partial().extend({ confirm }),
    palette: `${WRITABLE} && intercore.dispatchLive`,
    changes: true,
  },
  'intercore.dispatch.startNow': { args: ofDispatch, palette: WRITABLE, changes: true },
  'intercore.dispatch.unqueue': { args: ofDispatch, palette: WRITABLE, changes: true },
  /** Lets agents of an account start before its limit resets. */
  'intercore.account.resume': { args: ofAccount, palette: SOME_HELD_ACCOUNT, changes: true },
  /** Keeps them from starting at the reset. */
  'intercore.account.pause': { args: ofAccount, palette: SOME_HELD_ACCOUNT, changes: true },
  'intercore.dispatch.showLog': { args: ofDispatch, palette: SOME_DISPATCH, changes: false },
  'intercore.dispatch.openPrompt': { args: ofDispatch, palette: SOME_DISPATCH, changes: false },
  'intercore.dispatch.reveal': { args: ofDispatch, palette: SOME_DISPATCH, changes: false },
  'intercore.dispatch.copyId': { args: ofDispatch, palette: SOME_DISPATCH, changes: false },

  'intercore.portfolio.create': {
    args: OPERATIONS['portfolios.create'].partial(),
    palette: 'intercore.portfolioPossible',
    changes: true,
  },
  /** `children` left out: shows what advancing would do and asks. */
  'intercore.portfolio.advance': {
    args: OPERATIONS['portfolios.advance'].partial(),
    palette: ACTIVE_PORTFOLIO,
    changes: true,
  },
  'intercore.portfolio.checkGate': { args: ofPortfolio, palette: 'intercore.portfolioActive', changes: false },
  'intercore.portfolio.overrideGate': {
    args: OPERATIONS['portfolios.overrideGate'].partial(),
    palette: ACTIVE_PORTFOLIO,
    changes: true,
  },
  'intercore.portfolio.cancel': {
    args: OPERATIONS['portfolios.cancel'].partial().extend({ confirm }),
    palette: ACTIVE_PORTFOLIO,
    changes: true,
  },
  'intercore.portfolio.setBudget': {
    args: OPERATIONS['portfolios.set']
      .pick({ portfolioId: true, tokenBudget: true, budgetWarnPct: true })
      .extend({ costBudgetUsd: OPERATIONS['budgets.set'].shape.costUsd })
      .partial(),
    palette: ACTIVE_PORTFOLIO,
    changes: true,
  },
  'intercore.portfolio.setLimit': {
    args: OPERATIONS['portfolios.set'].pick({ portfolioId: true, maxDispatches: true }).partial(),
    palette: ACTIVE_PORTFOLIO,
    changes: true,
  },
  'intercore.portfolio.addDependency': {
    args: OPERATIONS['portfolios.addDependency'].partial(),
    palette: ACTIVE_PORTFOLIO,
    changes: true,
  },
  'intercore.portfolio.removeDependency': {
    args: OPERATIONS['portfolios.removeDependency'].partial(),
    palette: ACTIVE_PORTFOLIO,
    changes: true,
  },
  'intercore.portfolio.addArtifact': {
    args: OPERATIONS['portfolios.addArtifact'].partial(),
    palette: ACTIVE_PORTFOLIO,
    changes: true,
  },
  'intercore.portfolio.restoreBackup': {
    args: z.strictObject({ confirm }),
    palette: 'isWorkspaceTrusted && intercore.portfolioBackupPresent',
    changes: true,
  },
  'intercore.portfolio.show': { args: ofPortfolio, palette: SOME_PORTFOLIO, changes: false },
  'intercore.portfolio.showGraph': { args: ofPortfolio, palette: SOME_PORTFOLIO, changes: false },
  /** No portfolio named: all active ones. */
  'intercore.portfolio.relayNow': {
    args: OPERATIONS['portfolios.relayNow'],
    palette: ACTIVE_PORTFOLIO,
    changes: true,
  },
  'intercore.portfolio.pauseRelay': { args: ofPortfolio, palette: 'intercore.relayRunning', changes: false },
  'intercore.portfolio.resumeRelay': { args: ofPortfolio, palette: 'intercore.relayPaused', changes: false },
  'intercore.portfolio.reveal': { args: ofPortfolio, palette: SOME_PORTFOLIO, changes: false },
  'intercore.portfolio.copyId': { args: ofPortfolio, palette: SOME_PORTFOLIO, changes: false },

  'intercore.board.open': { args: ofFolder, palette: SOME_PROJECT_TO_SEE, changes: false },
  'intercore.project.useFolder': {
    args: OPERATIONS['projects.add'],
    palette: 'intercore.databaseWritable || isWorkspaceTrusted && intercore.databaseMissing',
    changes: true,
  },
  'intercore.project.allowAgents': {
    args: OPERATIONS['projects.list'].extend({ confirm }),
    palette: SOME_PROJECT,
    changes: true,
  },
  'intercore.project.takeOver': {
    args: OPERATIONS['projects.list'].extend({ confirm }),
    palette: `${SOME_PROJECT} && intercore.ledElsewhere`,
    changes: true,
  },
  'intercore.project.handOver': {
    args: OPERATIONS['projects.list'].extend({ confirm }),
    palette: `${SOME_PROJECT} && intercore.ledHere`,
    changes: true,
  },
  'intercore.project.addFromGitHub': {
    args: OPERATIONS['projects.addFromGitHub'].partial(),
    palette: 'isWorkspaceTrusted',
    changes: true,
  },
  'intercore.project.sync': { args: OPERATIONS['projects.sync'].partial(), palette: SOME_PROJECT, changes: true },
  'intercore.project.freeClone': {
    args: OPERATIONS['projects.freeClone'].partial().extend({ confirm }),
    palette: SOME_PROJECT,
    changes: true,
  },
  'intercore.project.trustLocation': {
    args: OPERATIONS['projects.trustLocation'].partial().extend({ confirm }),
    palette: SOME_PROJECT,
    changes: true,
  },
  /** With a subtask whose work is held: it is brought out afterwards. */
  'intercore.github.signIn': { args: ofSubtask, palette: 'isWorkspaceTrusted', changes: true },
  'intercore.project.relocate': {
    args: OPERATIONS['projects.relocate'].partial().extend({ confirm }),
    palette: SOME_PROJECT,
    changes: true,
  },
  'intercore.project.changeBase': {
    args: OPERATIONS['projects.changeBase'].partial(),
    palette: SOME_PROJECT,
    changes: true,
  },
  'intercore.project.remove': {
    args: OPERATIONS['projects.remove'].partial().extend({ confirm }),
    palette: SOME_PROJECT,
    changes: true,
  },
  /** `confirm` stands for the leave that agents need which ask for nothing, here and below. */
  'intercore.task.create': {
    args: OPERATIONS['tasks.create'].partial().extend({ confirm }),
    palette: SOME_PROJECT,
    changes: true,
  },
  'intercore.task.retryPlanning': {
    args: ofTask.extend({ confirm }),
    palette: `${WRITABLE} && ${SOME_TASK}`,
    changes: true,
  },
  'intercore.task.stopPlanning': { args: ofTask, palette: `${WRITABLE} && ${SOME_TASK}`, changes: true },
  /** `taskId` left out: every task of the folder that is in Beads. */
  'intercore.task.sync': {
    args: OPERATIONS['tasks.sync'],
    palette: `${WRITABLE} && ${SOME_TASK}`,
    changes: true,
  },
  /** `autoStart` left out: the other way. */
  'intercore.task.toggleAutoStart': {
    args: OPERATIONS['tasks.setAutoStart'].partial().extend({ confirm }),
    palette: `${WRITABLE} && ${SOME_TASK}`,
    changes: true,
  },
  'intercore.task.show': { args: ofTask, palette: SOME_TASK, changes: false },
  'intercore.task.showLog': { args: ofTask, palette: SOME_TASK, changes: false },
  'intercore.task.showPrompt': { args: ofTask, palette: SOME_TASK, changes: false },
  'intercore.task.copyId': { args: ofTask, palette: SOME_TASK, changes: false },
  'intercore.task.delete': {
    args: ofTask.extend({ confirm }),
    palette: `${WRITABLE} && ${SOME_TASK}`,
    changes: true,
  },

  'intercore.subtask.start': {
    args: ofSubtask.extend({ confirm }),
    palette: `${WRITABLE} && ${SOME_SUBTASK}`,
    changes: true,
  },
  'intercore.subtask.retry': {
    args: ofSubtask.extend({ confirm }),
    palette: `${WRITABLE} && ${SOME_SUBTASK}`,
    changes: true,
  },
  'intercore.subtask.retrySetup': {
    args: ofSubtask.extend({ confirm }),
    palette: `${WRITABLE} && ${SOME_SUBTASK}`,
    changes: true,
  },
  'intercore.subtask.stop': { args: ofSubtask, palette: `${WRITABLE} && ${SOME_SUBTASK}`, changes: true },
  'intercore.subtask.merge': {
    args: ofSubtask.extend({ confirm }),
    palette: `${WRITABLE} && ${SOME_SUBTASK}`,
    changes: true,
  },
  'intercore.subtask.openPullRequest': { args: ofSubtask, palette: SOME_SUBTASK, changes: false },
  'intercore.subtask.retryPullRequest': { args: ofSubtask, palette: `${WRITABLE} && ${SOME_SUBTASK}`, changes: true },
  /** `force` given stands for the answer to its question. */
  'intercore.subtask.markMerged': {
    args: OPERATIONS['subtasks.markMerged'].partial(),
    palette: `${WRITABLE} && ${SOME_SUBTASK}`,
    changes: true,
  },
  /** It runs git in the repository, so it needs trust. */
  'intercore.subtask.showChanges': { args: ofSubtask, palette: `${WRITABLE} && ${SOME_SUBTASK}`, changes: true },
  'intercore.subtask.show': { args: ofSubtask, palette: SOME_SUBTASK, changes: false },
  'intercore.subtask.showLog': { args: ofSubtask, palette: SOME_SUBTASK, changes: false },
  'intercore.subtask.showPrompt': { args: ofSubtask, palette: SOME_SUBTASK, changes: false },
  'intercore.subtask.trustLocation': {
    args: OPERATIONS['subtasks.trustLocation'].partial().extend({ confirm }),
    palette: `${WRITABLE} && ${SOME_SUBTASK}`,
    changes: true,
  },
  'intercore.subtask.openWorktree': { args: ofSubtask, palette: SOME_SUBTASK, changes: false },
  /** Without a title it asks, and the rest is written in an editor. */
  'intercore.subtask.add': {
    args: OPERATIONS['subtasks.add'].partial(),
    palette: `${WRITABLE} && ${SOME_TASK}`,
    changes: true,
  },
  /** Without a text: in an editor. */
  'intercore.subtask.edit': {
    args: OPERATIONS['subtasks.edit'].partial(),
    palette: `${WRITABLE} && ${SOME_SUBTASK}`,
    changes: true,
  },
  'intercore.subtask.addDependency': {
    args: OPERATIONS['subtasks.addDependency'].partial(),
    palette: `${WRITABLE} && ${SOME_SUBTASK}`,
    changes: true,
  },
  'intercore.subtask.removeDependency': {
    args: OPERATIONS['subtasks.removeDependency'].partial(),
    palette: `${WRITABLE} && ${SOME_SUBTASK}`,
    changes: true,
  },
  'intercore.subtask.moveUp': { args: ofSubtask, palette: `${WRITABLE} && ${SOME_SUBTASK}`, changes: true },
  'intercore.subtask.moveDown': { args: ofSubtask, palette: `${WRITABLE} && ${SOME_SUBTASK}`, changes: true },
  'intercore.subtask.addNote': {
    args: OPERATIONS['subtasks.note'].partial(),
    palette: `${WRITABLE} && ${SOME_SUBTASK}`,
    changes: true,
  },
  'intercore.subtask.remove': {
    args: ofSubtask.extend({ confirm }),
    palette: `${WRITABLE} && ${SOME_SUBTASK}`,
    changes: true,
  },
  'intercore.worktree.restore': {
    args: OPERATIONS['worktrees.restore'].partial(),
    palette: SOME_PROJECT,
    changes: true,
  },
  /** Without `paths` it asks which, of those of the subtask if there is one; `confirm` without `paths`: all that can be seen. */
  'intercore.worktree.cleanUp': {
    args: OPERATIONS['worktrees.clean'].extend({ confirm, subtaskId: ofSubtask.shape.subtaskId }),
    palette: SOME_PROJECT,
    changes: true,
  },
  'intercore.worktree.setUp': {
    args: OPERATIONS['worktrees.proposeSetup'].extend({ confirm }),
    palette: SOME_PROJECT,
    changes: true,
  },
  'intercore.subtask.copyId': { args: ofSubtask, palette: SOME_SUBTASK, changes: false },
  'intercore.subtask.copyBranch': { args: ofSubtask, palette: SOME_SUBTASK, changes: false },
} as const satisfies Readonly<Record<`intercore.${string}.${string}`, CommandSpec>>;

export type CommandId = keyof typeof COMMANDS;
/** What a command is called with. */
export type CommandInput<C extends CommandId> = z.input<(typeof COMMANDS)[C]['args']>;
/** What its handler gets. */
export type CommandArgs<C extends CommandId> = z.output<(typeof COMMANDS)[C]['args']>;

/** The one category of all commands, as package.json names it. */
export const CATEGORY = 'Intercore';

/** The key of a command's title in package.nls.json. */
export function titleKey(id: CommandId): string {
  return `command${id.slice('intercore'.length)}.title`;
}

/** Untrusted windows see such a command disabled; called directly it refuses. */
export function enablementOf(spec: CommandSpec): string | undefined {
  return spec.changes ? 'isWorkspaceTrusted' : undefined;
}

/** What a person presses where a view of ours has the focus. */
export const FOCUSED_KEYS = {
  'intercore.run.next': { key: 'ctrl+alt+n', mac: 'cmd+alt+n' },
} as const satisfies Partial<Record<CommandId, { readonly key: string; readonly mac: string }>>;
