/** Operations on sessions: what people and programs say to a running agent, and answer it. */
import * as z from 'zod';
import type { PermissionDecision } from '../../kernel/dispatch/decisions';
import type { Dispatch } from '../../kernel/dispatch/model';
import type { QueuedDispatch } from '../../kernel/queue/model';
import { givenAttachments } from '../attachments';
import { folder, id, ofDispatch, reason, someDispatch } from '../declarations/arguments';
import { operation, resultOf, type Gestures } from '../declarations/operation';
import { IN_VIEW, WRITABLE } from '../declarations/ways';
import { SAY_WHEN, SESSION_ANSWERS, type AllSessions, type SessionState } from '../sessions';

const LIVE = 'isWorkspaceTrusted && intercore.dispatchLive';
const ASKED = 'isWorkspaceTrusted && intercore.needPresent';

const MAX_TEXT = 100_000;
const text = z.string().max(MAX_TEXT);

const ATTACHMENTS = { attachments: '--file' } as const;

/** Of a request of the agent. */
const number = z.int().min(1);

/** The values of a form, by the names of its fields. */
const values = z.record(
  z.string().min(1).max(200),
  z.union([z.string().max(10_000), z.number(), z.boolean(), z.array(z.string().max(10_000)).max(500)]),
);
export type FormValues = z.infer<typeof values>;

/** `subtaskId`: of what the agent works on. */
const someRequest = z.strictObject({ folder, dispatchId: id, number, subtaskId: id }).partial();

const answer = z.enum(SESSION_ANSWERS);

export const SESSION_OPERATIONS = {
  'sessions.get': operation({
    args: z.strictObject(ofDispatch),
    result: resultOf<SessionState>(),
    effect: 'read',
    decides: 'anyone',
    about:
      'The session of a dispatch: what its agent is doing, its open requests, and texts that wait for the turn to end.',
    command: IN_VIEW,
    ic: 'dispatch session',
  }),
  'sessions.decisions': operation({
    args: z.strictObject(ofDispatch),
    /** In the order of the requests. */
    result: resultOf<readonly PermissionDecision[]>(),
    effect: 'read',
    decides: 'anyone',
    about: 'Decisions about what the agent of a session asked: who or which rule decided what, when, and why.',
    command: IN_VIEW,
    ic: 'dispatch decisions',
  }),
  /** `when` left out: after the turn. */
  'sessions.say': operation({
    args: z.strictObject({
      ...ofDispatch,
      text: text.min(1),
      when: z.enum(SAY_WHEN).optional(),
      attachments: givenAttachments,
    }),
    /** The id of the text, for as long as it waits. */
    result: resultOf<string>(),
    effect: 'change',
    decides: 'owner',
    about:
      'Sends a text to the agent of a session: afterTurn waits for the end of the turn, now steers the turn, instead stops the turn first.',
    command: { id: 'intercore.session.say', title: 'Say to Agent…', palette: LIVE },
    ic: 'dispatch say',
    icArguments: ATTACHMENTS,
  }),
  /** `text` left out: the waiting text is removed. */
  'sessions.editWaiting': operation({
    args: z.strictObject({ ...ofDispatch, waitingId: id, text: text.min(1).optional() }),
    result: resultOf<string>(),
    effect: 'change',
    decides: 'owner',
    about: 'Replaces a text that waits for the end of the turn. Without a new text, it is removed.',
    command: { id: 'intercore.session.editWaiting', title: 'Edit Waiting Text…', palette: LIVE },
    ic: 'dispatch edit-waiting',
  }),
  /** The first answer counts. `reason`: of a denial, the next prompt of the agent. `values`: of a form. */
  'sessions.answer': operation({
    args: z.strictObject({
      ...ofDispatch,
      number,
      answer,
      reason: reason.optional(),
      values: values.optional(),
    }),
    result: resultOf<string>(),
    effect: 'change',
    decides: 'person',
    about:
      'Answers a request of an agent: allow or deny, once, what it requests permission for; accept with values, or decline, a question.',
    command: {
      id: 'intercore.session.answer',
      title: 'Answer Agent…',
      palette: ASKED,
      args: someRequest.extend({ answer: answer.optional(), reason: reason.optional(), values: values.optional() }),
    },
    ic: 'dispatch answer',
  }),
  'sessions.cancel': operation({
    args: z.strictObject(ofDispatch),
    result: resultOf<string>(),
    effect: 'destroy',
    decides: 'owner',
    about: 'Cancels the turn of a session. Its open requests are canceled too.',
    command: { id: 'intercore.session.cancel', title: 'Cancel Turn', palette: LIVE },
    ic: 'dispatch cancel-turn',
  }),
  'sessions.pause': operation({
    args: z.strictObject(ofDispatch),
    result: resultOf<string>(),
    effect: 'change',
    decides: 'owner',
    about: 'Pauses a session at the end of its turn. Texts wait until it is resumed.',
    command: { id: 'intercore.session.pause', title: 'Pause Agent', palette: LIVE },
    ic: 'dispatch pause',
  }),
  'sessions.resume': operation({
    args: z.strictObject(ofDispatch),
    result: resultOf<string>(),
    effect: 'change',
    decides: 'owner',
    about: 'Resumes a paused session, with the texts that wait.',
    command: { id: 'intercore.session.resume', title: 'Resume Agent', palette: LIVE },
    ic: 'dispatch resume',
  }),
  'sessions.pauseAll': operation({
    args: z.strictObject({ folder }),
    result: resultOf<AllSessions>(),
    effect: 'change',
    decides: 'person',
    about:
      'Pauses each running session of a folder at the end of its turn. Agents that run without a session cannot be paused and are in left.',
    command: { id: 'intercore.session.pauseAll', title: 'Pause All Agents', palette: LIVE },
    ic: 'dispatch pause',
  }),
  'sessions.resumeAll': operation({
    args: z.strictObject({ folder }),
    result: resultOf<AllSessions>(),
    effect: 'change',
    decides: 'person',
    about: 'Resumes each paused session of a folder, with the texts that wait.',
    command: { id: 'intercore.session.resumeAll', title: 'Resume All Agents', palette: LIVE },
    ic: 'dispatch resume',
  }),
  /** In the folder, for the run, and with the kind of the earlier dispatch, which becomes its parent. */
  'sessions.continue': operation({
    args: z.strictObject({ ...ofDispatch, text: text.min(1), attachments: givenAttachments }),
    result: resultOf<Dispatch>(),
    effect: 'start',
    decides: 'owner',
    about: 'Starts a dispatch that continues the session of an ended dispatch, with a text for its agent.',
    command: { id: 'intercore.session.continue', title: 'Continue Session…', palette: WRITABLE },
    ic: 'dispatch continue',
    icArguments: ATTACHMENTS,
  }),
  /** As `sessions.continue`, for one that a limit refuses: it starts automatically when the limits allow it. */
  'sessions.queueContinue': operation({
    args: z.strictObject({ ...ofDispatch, text: text.min(1), attachments: givenAttachments }),
    result: resultOf<QueuedDispatch>(),
    effect: 'start',
    decides: 'owner',
    about:
      'Queues a dispatch that continues the session of an ended dispatch. It starts automatically when the limits allow it.',
    command: 'intercore.session.continue',
    ic: 'dispatch continue',
    icArguments: ATTACHMENTS,
  }),
};

/** Commands that do no operation, or one with a fixed answer. */
export const SESSION_GESTURES = {
  'intercore.session.allow': { title: 'Allow Once', palette: ASKED, args: someRequest, changes: true },
  'intercore.session.alwaysAllow': { title: 'Always Allow Here…', palette: ASKED, args: someRequest, changes: true },
  'intercore.session.deny': {
    title: 'Deny with Reason…',
    palette: ASKED,
    args: someRequest.extend({ reason: reason.optional() }),
    changes: true,
  },
  /** Of an agent that was not signed in: its dispatch is the last one of its kind. */
  'intercore.session.signIn': {
    title: 'Sign In to Agent…',
    palette: ASKED,
    args: z.strictObject({ folder, dispatchId: id, agentKind: z.string(), taskId: id, subtaskId: id }).partial(),
    changes: true,
  },
  'intercore.session.showDiff': {
    title: 'Show Requested Changes',
    palette: ASKED,
    args: someRequest,
    changes: false,
  },
  'intercore.session.removeWaiting': {
    title: 'Remove Waiting Text…',
    palette: LIVE,
    args: someDispatch.extend({ waitingId: id.optional() }),
    changes: true,
  },
} as const satisfies Gestures;
