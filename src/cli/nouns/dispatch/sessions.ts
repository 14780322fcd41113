/** `ic dispatch session|say|edit-waiting|answer|cancel-turn|pause|resume|continue`: sessions of agents (`docs/design/sessions.md`). */
import path from 'node:path';
import { SESSION_OPERATIONS } from '../../../contract/operations/sessions';
import type { AllSessions, FormField, OpenRequest, SessionState } from '../../../contract/sessions';
import { knownStorages } from '../../../host/state/storages';
import { requestedUse } from '../../../services/attention/sessions/requestWords';
import { EXIT, type CliCommand, type CliContext } from '../../command/command';
import { UsageError } from '../../grammar/argv';
import { textOf } from '../../grammar/values';
import { aroundDispatcher } from '../../operations/aroundDispatcher';
import type { HostParts } from '../../operations/host';
import { operationCommands, type OwnForm } from '../../operations/operationCommand';
import { answerTo, fieldJson, fieldWords } from '../../output/answerCommand';
import { LEFT_OUT } from '../../output/leftOut';
import { oneLine } from '../../output/oneLine';
import { present, type JsonValue } from '../../output/output';

const command = operationCommands<keyof typeof SESSION_OPERATIONS>({
  declarations: SESSION_OPERATIONS,
  load: async () => (await import('../../../services/operations/run/sessions.js')).sessionOperations,
});

const parts = async ({ env }: CliContext): Promise<HostParts> => ({ storages: await knownStorages(env) });
const exits = { 1: 'no such dispatch, or it has no session, or the session has ended' } as const;

const files: OwnForm = {
  flags: [{ name: 'file', value: 'PATH', doc: 'Attach a file of the project (may be repeated)', repeated: true }],
  read({ args, cwd }) {
    const paths = args.lists.get('file') ?? [];
    const attachments = paths.map((file) => ({ path: path.resolve(cwd, file) }));
    return Promise.resolve(attachments.length === 0 ? {} : { attachments });
  },
};

const session = command('sessions.get', {
  summary: 'Show the session of a dispatch: its phase, open requests, and waiting texts.',
  exits: { 1: 'no such dispatch, or it has no session' },
  parts,
  text(state, { out, args }) {
    out.row('session', state.phase, oneLine(state.agentName), oneLine(state.activity));
    out.row('permissions', state.policy);
    if (state.wantsPause && state.phase !== 'paused') out.row('pause', 'requested: it starts with the end of the turn');
    for (const request of state.requests) {
      const number = String(request.number);
      out.row('request', number, wordsOf(request));
      for (const field of fieldsOf(request)) out.row('field', number, fieldWords(field));
      out.row('answer', number, answerTo(args.positionals[0] ?? '', request));
    }
    for (const { id, text } of state.waiting) out.row('waiting', id, oneLine(text));
  },
  json: stateJson,
});

const decisions = command('sessions.decisions', {
  summary: 'Decisions about requests of an agent: who or which rule decided what, when, and why.',
  exits: { 1: 'no such dispatch', ...LEFT_OUT },
  parts,
  text(all, { out }) {
    for (const { number, answer, by, name, tool, subject, reason } of all) {
      const who = oneLine(`${by} ${name}`);
      out.row(String(number), answer, who, tool, oneLine(subject), oneLine(reason ?? ''));
    }
  },
  json: (all) =>
    all.map(({ number, tool, subject, answer, by, name, reason, askedAt, decidedAt }) =>
      present({ number, tool, subject, answer, by, name, reason, asked_at: askedAt, decided_at: decidedAt }),
    ),
});

const say = command('sessions.say', {
  summary: 'Send a text to the agent of a session.',
  exits: { ...exits, 2: 'a file cannot be attached' },
  parts,
  help: { when: { doc: 'After the turn, during it, or in place of the rest of it (afterTurn)' } },
  form: files,
  examples: ['ic dispatch say DISPATCH "Use the new parser." --when=instead'],
  text: (id, { out }) => out.line(id),
});

const editWaiting = command('sessions.editWaiting', {
  summary: 'Replace or remove a text that waits for the end of the turn.',
  exits: { 1: `${exits[1]}, or the text does not wait` },
  parts,
  help: { text: { doc: 'The new text (none: the waiting text is removed)' } },
  text: 'requested',
});

const answer = command('sessions.answer', {
  summary: 'Answer a request of an agent: allow, deny, accept, or decline it. The first answer counts.',
  exits: { 1: `${exits[1]}, or the request was already answered` },
  parts,
  help: { reason: { doc: 'Reason of a denial, which the agent gets as its next prompt' } },
  form: {
    flags: [{ name: 'values', value: 'JSON', doc: 'Values of a form, as a JSON object of its fields' }],
    read({ args }) {
      const text = textOf(args, 'values');
      return Promise.resolve(text === undefined ? {} : { values: parsed(text) });
    },
  },
  examples: ['ic dispatch answer DISPATCH 1 allow', 'ic dispatch answer DISPATCH 2 deny --reason="Use npm ci."'],
  text: 'answered',
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`invalid values: ${error.message}`);
    throw error;
  }
}

const cancelTurn = command('sessions.cancel', {
  summary: 'Cancel the turn of a session.',
  exits,
  parts,
  text: 'requested',
});

const ofAll = {
  parts,
  text({ dispatches, left }: AllSessions, { out }: CliContext) {
    for (const id of dispatches) out.row('requested', id);
    for (const { dispatchId, kind, problem } of left) {
      out.row('left', dispatchId, kind, problem ?? 'agents of this kind run without a session');
    }
  },
  json: ({ dispatches, left }: AllSessions): JsonValue => ({
    dispatches: [...dispatches],
    left: left.map(({ dispatchId, name, kind, problem }) => ({ dispatch: dispatchId, name, kind, problem })),
  }),
  after: ({ left }: AllSessions) => (left.length === 0 ? undefined : EXIT.negative),
};

const pause = orAll(
  command('sessions.pause', {
    summary: 'Pause a session, or all of a project, at the end of the turn.',
    exits: { 1: `${exits[1]}; with --all, a dispatch was left` },
    parts,
    text: 'requested',
    examples: ['ic dispatch pause --all'],
  }),
  command('sessions.pauseAll', ofAll),
);

const resume = orAll(
  command('sessions.resume', {
    summary: 'Resume a paused session, or all of a project.',
    exits: { 1: `${exits[1]}; with --all, a dispatch was left` },
    parts,
    text: 'requested',
  }),
  command('sessions.resumeAll', ofAll),
);

/** One command for two operations: `--all` takes the place of the dispatch. */
function orAll(one: CliCommand, all: CliCommand): CliCommand {
  return {
    ...one,
    operands: '[<dispatch>]',
    flags: [...(one.flags ?? []), { name: 'all', doc: 'Each session of the project, in place of one' }],
    json: true,
    decision: { owner: 'dispatchId' },
    run(context) {
      const { switches, positionals } = context.args;
      if (!switches.has('all')) return one.run(context);
      if (positionals.length > 0) throw new UsageError('give a dispatch or --all, not both');
      return all.run(context);
    },
  };
}

const continueSession = command('sessions.continue', {
  summary: 'Start a dispatch that continues the session of an ended dispatch.',
  exits: { 1: 'no such dispatch, or it has no session, or the session is still running' },
  around: aroundDispatcher,
  form: files,
  otherwise: {
    name: 'queue',
    doc: 'Start it when the limits allow it, such as after the reset of a held account',
    operation: 'sessions.queueContinue',
    text: 'queued',
  },
  examples: ['ic dispatch continue DISPATCH "Now the tests."'],
  text: ({ id }, { out }) => out.line(id),
  json: ({ id }) => id,
});

function fieldsOf(request: OpenRequest): readonly FormField[] {
  return request.kind === 'question' ? request.fields : [];
}

function wordsOf(request: OpenRequest): string {
  return request.kind === 'permission' ? requestedUse(request) : oneLine(request.title);
}

function stateJson(state: SessionState): JsonValue {
  return present({
    session_id: state.sessionId,
    agent: state.agentName,
    phase: state.phase,
    wants_pause: state.wantsPause,
    turns: state.turns,
    policy: state.policy,
    asks: state.asks,
    can_steer: state.canSteer,
    can_resume: state.canResume,
    activity: state.activity,
    plan: state.plan,
    waited_ms: state.waitedMs,
    updated_at_ms: state.updatedAtMs,
    requests: state.requests.map(requestJson),
    waiting: state.waiting.map(({ id, text, by, atMs }) => ({ id, text, by, at_ms: atMs })),
  });
}

function requestJson(request: OpenRequest): JsonValue {
  const { kind, number, title, askedAtMs } = request;
  const asked = { kind, number, title, asked_at_ms: askedAtMs };
  if (request.kind === 'question') {
    return { ...asked, fields: request.fields.map(fieldJson) };
  }
  const { tool, command, mcpTool, paths, diffs, mayAllow, mayDeny } = request;
  return present({
    ...asked,
    tool,
    command,
    mcp_tool: mcpTool,
    paths: paths.map(({ path, isInside }) => ({ path, inside: isInside })),
    diffs: diffs.map(({ path, oldText, newText, isCut }) => ({ path, old: oldText, new: newText, cut: isCut })),
    may_allow: mayAllow,
    may_deny: mayDeny,
  });
}

export const SESSION_COMMANDS: readonly CliCommand[] = [
  session,
  decisions,
  say,
  editWaiting,
  answer,
  cancelTurn,
  pause,
  resume,
  continueSession,
];
