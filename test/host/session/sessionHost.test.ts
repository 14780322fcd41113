import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MARK_VARIABLE, variableOfAll } from '../../../src/host/process/processIdentity';
import { giveCommand } from '../../../src/host/session/files/sessionFiles';
import { hostedSessions } from '../../support/sessions/hostedSession';
import { until } from '../../support/until';

const start = hostedSessions();
const person = { by: 'ada' } as const;

describe('the session host', () => {
  it('gives the agent its prompt and ends with it', async () => {
    const session = await start({ turns: [[{ say: 'done' }]] });
    const exit = await session.ended();
    assert.equal(exit.exitCode, 0);
    assert.deepEqual(await session.prompts(), ['Do it']);
    const state = await session.state();
    assert.equal(state?.phase, 'ended');
    assert.equal(state.sessionId, 'session-1');
    assert.equal(state.agentName, 'Scripted Agent 1.2.3');
    assert.equal(state.activity, 'done');
  });

  it('numbers every line, and keeps each message of the agent as it came', async () => {
    const raw = '{"jsonrpc":"2.0","method":"session/update","params":{"update":{"sessionUpdate":"new","x":1.0}}}';
    const session = await start({ turns: [[{ raw }, { raw: 'no json' }, { raw: '' }]] });
    await session.ended();
    const log = await session.log();
    assert.deepEqual(
      log.map(({ n }) => n),
      log.map((_, index) => index + 1),
    );
    assert.ok((await readFile(session.files.log, 'utf8')).includes(`"message":${raw}}`));
    assert.ok(log.some((line) => line.type === 'printed' && line.text === 'no json'));
  });

  it('sets the ask mode before the first prompt', async () => {
    const session = await start({ turns: [[]] });
    await session.ended();
    const methods = (await session.journal()).map(({ method }) => method);
    assert.deepEqual(methods, ['initialize', 'session/new', 'session/set_config_option', 'session/prompt']);
    assert.equal((await session.state())?.asks, true);
  });

  it('sends no prompt to an agent that does not accept the ask mode', async () => {
    const session = await start({ ignoresModes: true, turns: [[]] });
    const exit = await session.ended();
    assert.equal(exit.exitCode, 1);
    assert.deepEqual(await session.prompts(), []);
  });

  it('ends the turn of an agent that leaves its ask mode', async () => {
    const mode = { sessionUpdate: 'current_mode_update', currentModeId: 'auto' };
    const session = await start({ turns: [[{ update: mode }, { untilCancel: true }]] });
    const exit = await session.ended();
    assert.equal(exit.exitCode, 1);
  });

  it('allows an edit inside the worktree without a person', async () => {
    const session = await start({
      turns: [[{ ask: { kind: 'edit', title: 'Edit a.ts', locations: [{ path: 'a.ts' }] }, writes: 'a.ts' }]],
    });
    const exit = await session.ended();
    assert.equal(exit.exitCode, 0);
    assert.equal(existsSync(path.join(session.folder, 'a.ts')), true);
    const decided = (await session.log()).find((line) => line.type === 'decided');
    assert.deepEqual(decided?.type === 'decided' ? { answer: decided.answer, option: decided.option } : undefined, {
      answer: 'allow',
      option: 'yes',
    });
  });

  it('waits with a command until a person allows it', async () => {
    const session = await start({
      turns: [[{ ask: { kind: 'execute', title: '`npm test`', rawInput: { command: 'npm test' } }, writes: 'ran' }]],
    });
    const request = await session.request();
    assert.equal(request.kind === 'permission' ? request.command : undefined, 'npm test');
    assert.equal(existsSync(path.join(session.folder, 'ran')), false);
    assert.deepEqual(await session.give({ kind: 'answer', number: request.number, answer: 'allow', ...person }), {
      kind: 'given',
    });
    await session.ended();
    assert.equal(existsSync(path.join(session.folder, 'ran')), true);
    const decided = (await session.log()).find((line) => line.type === 'decided');
    assert.deepEqual(decided?.type === 'decided' ? decided.by : undefined, { kind: 'person', name: 'ada' });
  });

  it('answers open requests by rules that a person writes meanwhile, and later ones', async () => {
    const run = (command: string, writes: string) => ({
      ask: { kind: 'execute', title: command, rawInput: { command } },
      writes,
    });
    const session = await start({
      turns: [[run('npm test', 'tested'), run('npm run x', 'built'), run('id', 'id')], []],
    });
    await session.request();
    const rules = [{ folder: session.folder, tools: ['execute' as const], command: 'npm *', then: 'allow' as const }];
    await session.give({ kind: 'rules', rules, ...person });
    const { requests } = await session.when(({ requests: [open] }) => open?.number === 3);
    assert.deepEqual(
      requests.map(({ title }) => title),
      ['id'],
    );
    await session.give({ kind: 'rules', rules: [{ command: 'id', then: 'deny' }], ...person });
    await session.ended();
    const decided = (await session.log()).flatMap((line) => (line.type === 'decided' ? [line] : []));
    assert.deepEqual(
      decided.map(({ number, answer, by }) => ({ number, answer, by })),
      [
        { number: 1, answer: 'allow', by: { kind: 'rule', number: 1 } },
        { number: 2, answer: 'allow', by: { kind: 'rule', number: 1 } },
        { number: 3, answer: 'deny', by: { kind: 'rule', number: 1 } },
      ],
    );
    for (const [name, isThere] of Object.entries({ tested: true, built: true, id: false })) {
      assert.equal(existsSync(path.join(session.folder, name)), isThere, name);
    }
  });

  it('takes no rules without the seal of its dispatch', async () => {
    const session = await start({ turns: [[{ ask: { kind: 'execute', title: 'x' }, writes: 'ran' }]] });
    const { number } = await session.request();
    const stranger = { ...session.files, secret: 'f'.repeat(64) };
    await giveCommand(stranger, { kind: 'rules', rules: [{ then: 'allow' }], ...person });
    await until(
      () => session.log(),
      (lines) => lines.some((line) => line.type === 'command' && line.outcome === 'refused'),
    );
    assert.equal((await session.state())?.requests[0]?.number, number);
    await session.give({ kind: 'answer', number, answer: 'deny', ...person });
    await session.ended();
    assert.equal(existsSync(path.join(session.folder, 'ran')), false);
  });

  it('shows the start of a very long command, and how much is missing', async () => {
    const command = `echo ${'x'.repeat(9_000_000)}`;
    const session = await start({ turns: [[{ ask: { kind: 'execute', title: 'echo', rawInput: { command } } }]] });
    const request = await session.request();
    assert.match((request.kind === 'permission' && request.command) || '', /^echo x+ … \(\d+ more characters\)$/);
  });

  it('takes the first of two answers and gives the second one the first', async () => {
    const session = await start({ turns: [[{ ask: { kind: 'execute', title: 'x' }, writes: 'ran' }]] });
    const { number } = await session.request();
    const [first, second] = await Promise.all([
      session.give({ kind: 'answer', number, answer: 'deny', by: 'ada' }),
      session.give({ kind: 'answer', number, answer: 'allow', by: 'bob' }),
    ]);
    const taken = [first, second].filter(({ kind }) => kind === 'taken');
    assert.equal(taken.length, 1);
    await session.ended();
    const answers = (await session.log()).filter((line) => line.type === 'decided');
    assert.equal(answers.length, 1);
  });

  it('sends the reason of a denial as the next prompt', async () => {
    const session = await start({ turns: [[{ ask: { kind: 'execute', title: 'rm -r .' } }], []] });
    const { number } = await session.request();
    await session.give({ kind: 'answer', number, answer: 'deny', reason: 'Use the script', ...person });
    await session.ended();
    assert.deepEqual(await session.prompts(), ['Do it', 'Use the script']);
  });

  it('explains what a rule denied where the denial ended the turn, three times at most', async () => {
    const session = await start(
      { turns: [[{ ask: { kind: 'fetch', title: 'Fetch' } }, { stop: 'cancelled' }]] },
      { policy: 'denyAsked' },
    );
    await session.ended();
    assert.equal((await session.prompts()).length, 4);
  });

  it('chooses only options that count once', async () => {
    const session = await start({
      turns: [
        [{ ask: { kind: 'edit', locations: [{ path: 'a' }] }, options: [{ optionId: 'a', kind: 'allow_always' }] }],
      ],
    });
    const request = await session.request();
    assert.deepEqual(
      request.kind === 'permission' ? { mayAllow: request.mayAllow, mayDeny: request.mayDeny } : undefined,
      { mayAllow: false, mayDeny: false },
    );
  });

  it('answers a form with what a person entered', async () => {
    const requestedSchema = {
      type: 'object',
      properties: { style: { type: 'string', oneOf: [{ const: 'tabs', title: 'Tabs' }] } },
      required: ['style'],
    };
    const session = await start({
      turns: [[{ question: { mode: 'form', message: 'Tabs or spaces?', requestedSchema } }]],
    });
    const { number } = await session.request();
    await session.give({ kind: 'answer', number, answer: 'accept', values: { style: 'tabs' }, ...person });
    await session.ended();
    const answer = (await session.journal()).find(({ result }) => JSON.stringify(result ?? null).includes('accept'));
    assert.deepEqual(answer?.result, { action: 'accept', content: { style: 'tabs' } });
  });

  it('resumes an earlier session and sets the ask mode again', async () => {
    const session = await start({ turns: [[]] }, { resume: 'session-1' });
    await session.ended();
    const methods = (await session.journal()).map(({ method }) => method);
    assert.deepEqual(methods.slice(1, 3), ['session/resume', 'session/set_config_option']);
  });

  it('opens a new session where the agent has forgotten the earlier one', async () => {
    const session = await start(
      { resume: 'unknown', turns: [[]] },
      { resume: 'old', prompt: 'Continue', newPrompt: 'All of it' },
    );
    assert.equal((await session.ended()).exitCode, 0);
    const opened = (await session.log()).find((line) => line.type === 'opened');
    assert.deepEqual(opened?.type === 'opened' && [opened.how, opened.isForgotten], ['new', true]);
    assert.deepEqual(await session.prompts(), ['All of it']);
  });

  it('ends a session that needs a sign-in, with the code of the agent', async () => {
    const session = await start({ authRequired: true, turns: [[]] });
    assert.equal((await session.ended()).exitCode, 1);
    const end = (await session.log()).find((line) => line.type === 'turnEnded');
    assert.equal(end?.type === 'turnEnded' ? end.error?.code : undefined, -32000);
  });

  for (const stopReason of ['refusal', 'max_tokens', 'max_turn_requests', 'brand_new']) {
    it(`does not count the stop reason ${stopReason} as done`, async () => {
      const session = await start({ turns: [[{ stop: stopReason }]] });
      assert.equal((await session.ended()).exitCode, 1);
    });
  }

  it('does not count a turn as done whose thread failed, and keeps what the agent said of that', async () => {
    const status = (type: string) => ({
      update: { sessionUpdate: 'session_info_update', _meta: { codex: { threadStatus: { type } } } },
    });
    const failed = [status('systemError'), { say: 'last status: 429 ' }, { say: 'Too Many Requests' }];
    const session = await start({ turns: [failed] });
    assert.equal((await session.ended()).exitCode, 1);
    const end = (await session.log()).find((line) => line.type === 'turnEnded');
    assert.equal(end?.type === 'turnEnded' ? end.error?.message : undefined, 'last status: 429 Too Many Requests');
  });

  it('records the death of an agent in its turn', async () => {
    const session = await start({ turns: [[{ exit: 0 }]] });
    assert.equal((await session.ended()).exitCode, 1);
  });

  it('ends an agent that stays when its input is closed', async () => {
    const session = await start({ ignoresClose: true, turns: [[]] });
    assert.equal((await session.ended()).exitCode, 0);
  });

  it('stops the clock of the time limit while the agent waits for a person', async () => {
    const session = await start(
      { turns: [[{ ask: { kind: 'execute', title: 'x' } }, { hang: true }]] },
      { timeLimitMs: 3000 },
    );
    const request = await session.request();
    // Longer than the limit.
    await delay(3500);
    assert.equal((await session.state())?.phase, 'running');
    await session.give({ kind: 'answer', number: request.number, answer: 'allow', ...person });
    assert.equal((await session.ended()).timedOut, true);
  });

  it('reads on after a line that is too long', async () => {
    const session = await start({ turns: [[{ long: 40 * 1024 * 1024 }, { say: 'after' }]] });
    assert.equal((await session.ended()).exitCode, 0);
    const log = await session.log();
    assert.ok(log.some((line) => line.type === 'skipped' && line.bytes > 40_000_000));
    assert.equal((await session.state())?.activity, 'after');
  });

  it('fails a turn whose answer is too long', async () => {
    const session = await start({ turns: [[{ longAnswer: 40 * 1024 * 1024 }, { hang: true }]] });
    assert.equal((await session.ended()).exitCode, 1);
  });

  it('bears unknown updates, kinds, and methods', async () => {
    const updates = [{ sessionUpdate: 'new_kind' }, { sessionUpdate: 'tool_call', toolCallId: 't', kind: 'odd' }, {}];
    const session = await start({
      turns: [
        [...updates.map((update) => ({ update })), { call: 'fs/write_text_file' }, { notify: 'qwen/x', params: {} }],
      ],
    });
    assert.equal((await session.ended()).exitCode, 0);
    const refused = (await session.journal()).filter((message) => 'error' in message);
    assert.equal(refused.length, 1);
  });

  it('refuses a command without the right seal, and keeps the place for the answer of a person', async () => {
    const session = await start({ turns: [[{ ask: { kind: 'execute', title: 'x' }, writes: 'ran' }]] });
    const { number } = await session.request();
    const text = JSON.stringify({ kind: 'answer', number, answer: 'allow', by: 'agent' });
    const file = path.join(session.files.commands, `answer-${number}.json`);
    await writeFile(file, text);
    await until(
      () => session.log(),
      (log) => log.some((line) => line.type === 'command' && line.outcome === 'refused'),
    );
    assert.equal((await session.state())?.requests.length, 1);
    assert.equal((await session.give({ kind: 'answer', number, answer: 'deny', ...person })).kind, 'given');
    await session.ended();
    assert.equal(existsSync(path.join(session.folder, 'ran')), false);
  });

  it('ends processes that the agent left running', async () => {
    const session = await start({ turns: [[{ leaves: true }]] });
    await session.ended();
    const marks = [...(await variableOfAll(MARK_VARIABLE)).values()];
    assert.equal(marks.includes(session.files.mark), false);
  });
});
