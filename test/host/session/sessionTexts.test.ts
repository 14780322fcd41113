/** Texts for an agent in a session, and pauses: after its turn, in it, and in place of it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hostedSessions } from '../../support/sessions/hostedSession';

const start = hostedSessions();
const person = { by: 'ada' } as const;

describe('the turns of a session', () => {
  it('keeps a text until the turn ends', async () => {
    const session = await start({ turns: [[{ ask: { kind: 'execute', title: 'x' } }], []] });
    const { number } = await session.request();
    await session.give({ kind: 'say', id: 's1', text: 'And b', when: 'afterTurn', ...person });
    await session.when(({ waiting }) => waiting.length === 1);
    await session.give({ kind: 'edit', id: 's1', text: 'And c', ...person });
    await session.when(({ waiting }) => waiting[0]?.text === 'And c');
    await session.give({ kind: 'answer', number, answer: 'allow', ...person });
    await session.ended();
    assert.deepEqual(await session.prompts(), ['Do it', 'And c']);
  });

  it('embeds the attachments of a text', async () => {
    const session = await start({
      initialize: { agentCapabilities: { promptCapabilities: { embeddedContext: true } } },
      turns: [[{ ask: { kind: 'execute', title: 'x' } }], []],
    });
    const { number } = await session.request();
    const path = `${session.folder}/a.ts`;
    const attachments = [{ path, name: 'a.ts', what: 'file' as const, text: 'let a;', bytes: 6 }];
    await session.give({ kind: 'say', id: 's1', text: 'Look', attachments, when: 'afterTurn', ...person });
    const { waiting } = await session.when((state) => state.waiting.length === 1);
    assert.deepEqual(waiting[0]?.attached, ['a.ts']);
    await session.give({ kind: 'answer', number, answer: 'allow', ...person });
    await session.ended();
    const sent = (await session.journal()).filter(({ method }) => method === 'session/prompt');
    assert.match(JSON.stringify(sent[1]?.params), /"type":"resource","resource":\{"uri":"file:[^"]*a\.ts"/);
  });

  it('puts a text into the turn of an agent that can be steered', async () => {
    const session = await start({
      initialize: { _meta: { steering: { supported: true } } },
      turns: [[{ ask: { kind: 'execute', title: 'x' } }]],
    });
    const { number } = await session.request();
    await session.give({ kind: 'say', id: 's1', text: 'Now', when: 'now', ...person });
    await session.when(({ activity }) => activity === 'steered');
    await session.give({ kind: 'answer', number, answer: 'allow', ...person });
    await session.ended();
    assert.deepEqual(await session.prompts(), ['Do it']);
  });

  it('stops a turn and says something else', async () => {
    const session = await start({ turns: [[{ say: 'a' }, { untilCancel: true }], []] });
    await session.when(({ activity }) => activity === 'a');
    await session.give({ kind: 'say', id: 's1', text: 'Stop', when: 'instead', ...person });
    assert.equal((await session.ended()).exitCode, 0);
    assert.deepEqual(await session.prompts(), ['Do it', 'Stop']);
  });

  it('answers no request of a turn that was canceled, whatever the policy is', async () => {
    const late = { ask: { kind: 'edit', locations: [{ path: 'late' }] }, writes: 'late' };
    const session = await start({ turns: [[{ say: 'a' }, { untilCancel: true }, late], []] });
    await session.when(({ activity }) => activity === 'a');
    await session.give({ kind: 'say', id: 's1', text: 'Stop', when: 'instead', ...person });
    assert.equal((await session.ended()).exitCode, 0);
    assert.equal(existsSync(path.join(session.folder, 'late')), false);
  });

  it('pauses at the end of the turn and resumes', async () => {
    const session = await start({ turns: [[{ ask: { kind: 'execute', title: 'x' } }], []] });
    const { number } = await session.request();
    await session.give({ kind: 'pause', ...person });
    await session.give({ kind: 'say', id: 's1', text: 'More', when: 'afterTurn', ...person });
    await session.give({ kind: 'answer', number, answer: 'allow', ...person });
    await session.when(({ phase }) => phase === 'paused');
    assert.deepEqual(await session.prompts(), ['Do it']);
    await session.give({ kind: 'resume', ...person });
    await session.ended();
    assert.deepEqual(await session.prompts(), ['Do it', 'More']);
  });

  it('stops the clock of the time limit while the session is paused', async () => {
    const session = await start({ turns: [[{ ask: { kind: 'execute', title: 'x' } }], []] }, { timeLimitMs: 4000 });
    const { number } = await session.request();
    await session.give({ kind: 'pause', ...person });
    await session.give({ kind: 'answer', number, answer: 'allow', ...person });
    await session.when(({ phase }) => phase === 'paused');
    // Longer than the limit.
    await delay(4500);
    assert.equal((await session.state())?.phase, 'paused');
    await session.give({ kind: 'resume', ...person });
    assert.equal((await session.ended()).timedOut, false);
  });
});
