/** Operations on dispatches: agent processes, and those that are queued. */
import * as z from 'zod';
import { DISPATCH_STATUSES, type Dispatch, type DispatchList } from '../../kernel/dispatch/model';
import { PERMISSION_POLICIES } from '../../kernel/dispatch/permissionPolicy';
import type { QueuedDispatch, QueueList } from '../../kernel/queue/model';
import type { LogLines, MoreRows } from '../results/records';
import { givenAttachments } from '../attachments';
import { costUsd, folder, id, ofDispatch, page, reason, someDispatch } from '../declarations/arguments';
import { operation, resultOf, type Gestures } from '../declarations/operation';
import { IN_VIEW, SOME_DISPATCH, SOME_HELD_ACCOUNT, WRITABLE } from '../declarations/ways';

/** Longest prompt taken as text; longer ones belong in a file. */
export const MAX_PROMPT_LENGTH = 1_000_000;

/** Exactly one of `prompt` and `promptFile`. `kind` left out: the default kind of the folder. */
const startArgs = z.strictObject({
  folder,
  kind: z.string().min(1).max(64).optional(),
  prompt: z.string().min(1).max(MAX_PROMPT_LENGTH).optional(),
  promptFile: z.string().min(1).optional(),
  runId: id.optional(),
  name: z.string().min(1).max(200).optional(),
  model: z.string().min(1).max(200).optional(),
  timeLimitMinutes: z.int().min(0).max(10_080).optional(),
  /** Its own budget, which it reserves whole and ends at. */
  tokenBudget: z.int().positive().optional(),
  costBudgetUsd: costUsd.optional(),
  /** Only with `prompt`. */
  attachments: givenAttachments,
  /** Of an agent in a session; left out: the setting `intercore.agents.permissions`. Only a person's choice may widen it. */
  permissions: z.enum(PERMISSION_POLICIES).optional(),
});

const START_ARGUMENTS = {
  kind: '--type',
  prompt: { not: 'a shell has files and pipes: --prompt-file' },
  runId: '--scope-id',
  timeLimitMinutes: '--timeout',
  attachments: { not: 'the prompt file has all that a shell attaches' },
} as const;

/** An agent kind, or a row whose agent waits. */
const ofAccount = z.strictObject({
  folder,
  agentKind: z.string().min(1).max(64).optional(),
  dispatchId: z.string().min(1).optional(),
  taskId: z.string().min(1).optional(),
  subtaskId: z.string().min(1).optional(),
});

export const DISPATCH_OPERATIONS = {
  /** Newest first, a page as `runs.list`. */
  'dispatches.list': operation({
    args: z.strictObject({
      folder,
      runId: id.optional(),
      active: z.boolean().optional(),
      status: z.enum(DISPATCH_STATUSES).optional(),
      ...page,
    }),
    result: resultOf<DispatchList & MoreRows>(),
    effect: 'read',
    decides: 'anyone',
    about:
      'Agent processes of a folder or a run, newest first, with status, tokens, and verdict. Pages work as in runs_list.',
    command: IN_VIEW,
    ic: 'dispatch list',
    icArguments: {
      runId: '--scope',
      status: { not: '--active, or a filter of the shell' },
      from: { not: 'ic lists all' },
      limit: { not: 'ic lists all' },
    },
    core: true,
  }),
  'dispatches.get': operation({
    args: z.strictObject(ofDispatch),
    result: resultOf<Dispatch>(),
    effect: 'read',
    decides: 'anyone',
    about: 'One agent process: status, tokens, verdict, exit code, and files.',
    command: { id: 'intercore.dispatch.reveal', title: 'Reveal Dispatch', palette: SOME_DISPATCH },
    ic: 'dispatch status',
    core: true,
  }),
  'dispatches.start': operation({
    args: startArgs,
    result: resultOf<Dispatch>(),
    effect: 'start',
    decides: 'anyone',
    about: 'Starts an agent process with a prompt, for a run or alone. It continues when the caller ends.',
    command: { id: 'intercore.dispatch.start', title: 'Start Dispatch…', palette: WRITABLE },
    ic: 'dispatch spawn',
    icArguments: START_ARGUMENTS,
    core: true,
  }),
  /** As `dispatches.start`, for a start that a limit refuses: it starts automatically when the limits allow it. */
  'dispatches.queue': operation({
    args: startArgs,
    /** It has the id that the dispatch will have. */
    result: resultOf<QueuedDispatch>(),
    effect: 'start',
    decides: 'anyone',
    about:
      'Queues a dispatch that a limit refuses. Arguments are as in dispatches_start. It starts automatically when the limits allow it.',
    command: 'intercore.dispatch.start',
    ic: 'dispatch spawn',
    icArguments: START_ARGUMENTS,
  }),
  'dispatches.queued': operation({
    args: z.strictObject({ folder }),
    /** First in line first. */
    result: resultOf<QueueList>(),
    effect: 'read',
    decides: 'anyone',
    about: 'Queued dispatches, in the order in which they start.',
    command: IN_VIEW,
    ic: 'dispatch queue list',
  }),
  /** Starts a queued dispatch out of turn; limits still apply. */
  'dispatches.startQueued': operation({
    args: z.strictObject(ofDispatch),
    result: resultOf<Dispatch>(),
    effect: 'start',
    decides: 'anyone',
    about: 'Starts a queued dispatch out of turn. Limits still apply.',
    command: { id: 'intercore.dispatch.startNow', title: 'Start Now', palette: WRITABLE },
    ic: 'dispatch queue start',
  }),
  'dispatches.unqueue': operation({
    args: z.strictObject(ofDispatch),
    /** The id that is in the queue no more. */
    result: resultOf<string>(),
    effect: 'destroy',
    decides: 'owner',
    about: 'Removes a dispatch from the queue.',
    command: { id: 'intercore.dispatch.unqueue', title: 'Remove from Queue', palette: WRITABLE },
    ic: 'dispatch queue remove',
  }),
  'dispatches.kill': operation({
    args: z.strictObject({ ...ofDispatch, reason: reason.optional() }),
    result: resultOf<Dispatch>(),
    effect: 'destroy',
    decides: 'owner',
    about: 'Kills an agent process and all processes that it started. Its log is kept.',
    command: {
      id: 'intercore.dispatch.kill',
      title: 'Kill Dispatch…',
      palette: `${WRITABLE} && intercore.dispatchLive`,
      confirm: true,
    },
    ic: 'dispatch kill',
    icArguments: { reason: { not: 'the original keeps none' } },
  }),
  /** In the folder and for the run of the earlier dispatch, which is ended first and becomes the parent. */
  'dispatches.handOver': operation({
    args: z.strictObject({ ...ofDispatch, kind: z.string().min(1).max(64) }),
    result: resultOf<Dispatch>(),
    effect: 'start',
    decides: 'person',
    about:
      'Hands the work of a dispatch over to an agent of another kind: ends the dispatch, then starts one in the same folder, with its prompt and what was done.',
    command: { id: 'intercore.dispatch.handOver', title: 'Hand Over to…', palette: `${WRITABLE} && ${SOME_DISPATCH}` },
    ic: 'dispatch hand-over',
    icArguments: { kind: '--to' },
  }),
  'dispatches.wait': operation({
    args: z.strictObject(ofDispatch),
    result: resultOf<Dispatch>(),
    effect: 'read',
    decides: 'anyone',
    about: 'Waits until an agent process has ended, without a time limit.',
    command: IN_VIEW,
    ic: 'dispatch wait',
  }),
  'dispatches.logFile': operation({
    args: z.strictObject(ofDispatch),
    result: resultOf<string | null>(),
    effect: 'read',
    decides: 'anyone',
    about: 'The path of the log of an agent process, or null.',
    command: { id: 'intercore.dispatch.showLog', title: 'Show Dispatch Log', palette: SOME_DISPATCH },
    ic: 'dispatch status',
  }),
  /** Lines are numbered from 1. `limit` left out: 1000. */
  'dispatches.log': operation({
    args: z.strictObject({
      ...ofDispatch,
      fromLine: z.int().min(1).optional(),
      limit: z.int().min(1).max(10_000).optional(),
    }),
    result: resultOf<LogLines>(),
    effect: 'read',
    decides: 'anyone',
    about:
      'Lines of the formatted log of an agent, starting at a line number. nextLine is where to continue; altered names files of the dispatch that were changed after it ended.',
    command: 'intercore.dispatch.showLog',
    ic: { not: 'a shell reads the file itself: ic dispatch status tells where it is' },
  }),
};

/** Commands that do no operation. */
export const DISPATCH_GESTURES = {
  /** Lets agents of an account start before its limit resets. */
  'intercore.account.resume': { title: 'Resume Now', palette: SOME_HELD_ACCOUNT, args: ofAccount, changes: true },
  /** Keeps them from starting at the reset. */
  'intercore.account.pause': { title: 'Do Not Resume', palette: SOME_HELD_ACCOUNT, args: ofAccount, changes: true },
  'intercore.dispatch.openPrompt': { title: 'Open Prompt', palette: SOME_DISPATCH, args: someDispatch, changes: false },
  'intercore.dispatch.showTranscript': {
    title: 'Show Transcript',
    palette: SOME_DISPATCH,
    args: someDispatch,
    changes: false,
  },
  'intercore.dispatch.exportTranscript': {
    title: 'Export Transcript…',
    palette: SOME_DISPATCH,
    args: someDispatch.extend({ file: z.string().min(1).max(4096).optional() }),
    changes: false,
  },
  'intercore.dispatch.copyId': {
    title: 'Copy Dispatch Id',
    palette: SOME_DISPATCH,
    args: someDispatch,
    changes: false,
  },
} as const satisfies Gestures;
