/** Agents and systems that do what they should not: the session host ends in a true state, with everything that it started. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { MARK_VARIABLE, variableOfAll } from '../../../src/host/process/processIdentity';
import { itLongIf } from '../../support/long';
import { hostedSessions, type HostedSession, type SessionOptions } from '../../support/sessions/hostedSession';
import type { AgentScript, Step } from '../../support/sessions/scriptedAgent';

const start = hostedSessions();
const person = { by: 'ada' } as const;
const ASK = { ask: { kind: 'execute', title: 'x' } };
/** The id of the first prompt: the greeting, the session, and its mode come before. */
const PROMPT = 4;

interface Misbehavior extends SessionOptions {
  readonly script: AgentScript;
  readonly exitCode: number | null;
  /** Null where the time limit may be reached before the prompt. */
  readonly prompts?: readonly string[] | null;
  readonly isLong?: boolean;
}

const turn = (...steps: readonly Step[]): AgentScript => ({ turns: [steps] });
const raw = (message: object): Step => ({ raw: JSON.stringify({ jsonrpc: '2.0', ...message }) });

const TABLE: Readonly<Record<string, Misbehavior>> = {
  'answers a prompt twice': {
    script: turn(raw({ id: PROMPT, result: { stopReason: 'end_turn' } })),
    exitCode: 0,
  },
  'answers what it was not asked': {
    script: turn(raw({ id: 999, result: {} }), raw({ id: 'x', error: {} })),
    exitCode: 0,
  },
  'writes garbage': {
    script: turn(
      { raw: '{"jsonrpc"' },
      { raw: '[]' },
      { raw: '\u0000\uFFFD{}' },
      { raw: 'null' },
      raw({ id: {}, method: 4 }),
    ),
    exitCode: 0,
  },
  'answers a prompt with something else': {
    script: turn(raw({ id: PROMPT, result: [] }), { hang: true }),
    exitCode: 1,
  },
  'answers a prompt with an error of another shape': {
    script: turn(raw({ id: PROMPT, error: { code: 'x' } }), { hang: true }),
    exitCode: 1,
  },
  'speaks another version': { script: { initialize: { protocolVersion: 2 }, turns: [] }, exitCode: 1, prompts: [] },
  'hangs at the greeting': {
    script: { hangsAt: 'initialize', turns: [] },
    timeLimitMs: 300,
    exitCode: null,
    prompts: [],
  },
  'hangs after the greeting': {
    script: { hangsAt: 'session/new', turns: [] },
    timeLimitMs: 300,
    exitCode: null,
    prompts: [],
  },
  'hangs in its turn': { script: turn({ hang: true }), timeLimitMs: 300, exitCode: null, prompts: null },
  'updates calls that it did not start': {
    script: turn(
      { update: { sessionUpdate: 'tool_call_update', toolCallId: 't', status: 'new' } },
      { update: { sessionUpdate: 'tool_call' } },
    ),
    exitCode: 0,
  },
  'sends a plan of another shape': {
    script: turn({ update: { sessionUpdate: 'plan', entries: [1, {}, { content: 2 }] } }),
    exitCode: 0,
  },
  'asks for permission without a call': { script: turn({ call: 'session/request_permission' }), exitCode: 0 },
  'withdraws what it did not ask': {
    script: turn({ notify: '$/cancel_request', params: { requestId: 5 } }),
    exitCode: 0,
  },
  'leaves a process that holds its output': { script: turn({ leaves: 'output' }), exitCode: 0 },
  'writes a line of 100 MB': { script: turn({ long: 100 * 1024 * 1024 }), exitCode: 0, isLong: true },
};

async function leftBehind({ files }: HostedSession): Promise<number> {
  const marks = [...(await variableOfAll(MARK_VARIABLE)).values()];
  return marks.filter((mark) => mark === files.mark).length;
}

describe('the session host, with an agent that', () => {
  for (const [title, { script, exitCode, prompts = ['Do it'], isLong = false, ...options }] of Object.entries(TABLE)) {
    itLongIf(isLong)(title, async () => {
      const session = await start(script, options);
      const exit = await session.ended();
      assert.equal(exit.timedOut, options.timeLimitMs !== undefined);
      if (exitCode !== null) assert.equal(exit.exitCode, exitCode);
      if (prompts !== null) assert.deepEqual(await session.prompts(), prompts);
      assert.equal((await session.state())?.phase, 'ended');
      assert.equal(await leftBehind(session), 0);
    });
  }

  it('asks without a title or a kind', async () => {
    const session = await start(turn({ ask: {} }));
    const { number } = await session.request();
    await session.give({ kind: 'answer', number, answer: 'allow', ...person });
    assert.equal((await session.ended()).exitCode, 0);
  });

  it('gets its answers in another order', async () => {
    const call = { kind: 'execute', title: 'x' };
    const session = await start(turn({ asks: call, id: 7 }, { asks: call, id: 8 }, { untilCancel: true }));
    await session.when(({ requests }) => requests.length === 2);
    await session.give({ kind: 'answer', number: 2, answer: 'allow', ...person });
    await session.when(({ requests }) => requests.length === 1);
    await session.give({ kind: 'answer', number: 1, answer: 'deny', ...person });
    await session.when(({ requests }) => requests.length === 0);
    await session.give({ kind: 'close', ...person });
    await session.ended();
    const answers = (await session.journal()).filter(({ result }) => result !== undefined).map(({ result }) => result);
    assert.deepEqual(answers, [
      { outcome: { outcome: 'selected', optionId: 'yes' } },
      { outcome: { outcome: 'selected', optionId: 'no' } },
    ]);
  });

  it('takes no text into its turn', async () => {
    const steering = { _meta: { steering: { supported: true } } };
    const session = await start({ initialize: steering, refusesSteering: true, turns: [[ASK], []] });
    const { number } = await session.request();
    await session.give({ kind: 'say', id: 's1', text: 'Now', when: 'now', ...person });
    await session.when(({ waiting }) => waiting.length === 1);
    await session.give({ kind: 'answer', number, answer: 'allow', ...person });
    assert.equal((await session.ended()).exitCode, 0);
    assert.deepEqual(await session.prompts(), ['Do it', 'Now']);
  });

  it('is paused after its turn was canceled', async () => {
    const session = await start({ turns: [[{ say: 'a' }, { untilCancel: true }], []] });
    await session.when(({ activity }) => activity === 'a');
    await session.give({ kind: 'cancel', ...person });
    await session.when(({ phase }) => phase === 'idle');
    await session.give({ kind: 'pause', ...person });
    await session.when(({ phase }) => phase === 'paused');
    await session.give({ kind: 'say', id: 's1', text: 'More', when: 'afterTurn', ...person });
    await session.when(({ waiting }) => waiting.length === 1);
    assert.deepEqual(await session.prompts(), ['Do it']);
    await session.give({ kind: 'resume', ...person });
    assert.equal((await session.ended()).exitCode, 0);
    assert.deepEqual(await session.prompts(), ['Do it', 'More']);
  });

  it('has ended before its host cannot write the end', async () => {
    const session = await start(turn(ASK));
    const { number } = await session.request();
    // A file cannot replace a folder.
    await mkdir(session.files.exit);
    await session.give({ kind: 'answer', number, answer: 'allow', ...person });
    await session.launched.gone;
    assert.equal(await leftBehind(session), 0);
  });
});
