/** Operations on sessions, over the files that a host reads and writes. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openProgramHost, type ProgramHost } from '../../../../src/cli/mcp/host';
import type { IntercoreApi } from '../../../../src/contract/surfaces/api';
import { makeFolders } from '../../../../src/host/files/folders';
import { silentLog } from '../../../../src/host/log';
import { sealed } from '../../../../src/host/launcher/seal';
import { storageFolder } from '../../../../src/host/state/stateFolder';
import { createDispatch, endDispatch } from '../../../../src/kernel/dispatch/service';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { createApi } from '../../../../src/services/operations/api/api';
import { permission, QUESTION, SessionFixture } from '../../../support/dispatch/sessions';
import { IcProject } from '../../../support/records/icProject';

describe('operations on sessions', () => {
  let project: IcProject;
  let hosts: ProgramHost[];
  let api: IntercoreApi;
  let session: SessionFixture;
  let dispatchId: string;

  const open = async (name: string, asDispatch?: string): Promise<IntercoreApi> => {
    const served = { folders: [project.folder], workspaceFile: undefined, dispatchId: asDispatch };
    const host = await openProgramHost({ served, env: { ...project.env }, log: silentLog, actor: () => name });
    hosts.push(host);
    return createApi(host.operations);
  };
  const aDispatch = async (): Promise<string> => {
    const kernel = hosts[0]?.operations.kernels.get(project.folder);
    assert.ok(kernel !== undefined);
    await kernel.load();
    return (await kernel.write((u) => createDispatch(u, { agentType: 'acp', projectDir: project.folder }))).id;
  };
  const refusal = async (work: Promise<unknown>): Promise<KernelError> => {
    const error = await work.then(
      () => assert.fail('it was not refused'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof KernelError, String(error));
    return error;
  };

  beforeEach(async () => {
    hosts = [];
    project = await IcProject.open();
    api = await open('Ada');
    dispatchId = await aDispatch();
    session = await SessionFixture.make(storageFolder(project.env), dispatchId);
    await session.write();
  });
  afterEach(async () => {
    for (const host of hosts) await host.dispose();
    await project.close();
  });

  it('show the state that the host wrote', async () => {
    await session.write({ requests: [permission()], activity: 'Waiting' });
    const { phase, activity, requests } = await api.sessions.get({ dispatchId });
    assert.deepEqual(
      { phase, activity, requests },
      { phase: 'running', activity: 'Waiting', requests: [permission()] },
    );
  });

  it('leave commands with the name of the caller', async () => {
    const id = await api.sessions.say({ dispatchId, text: 'Use the new parser.' });
    await api.sessions.pause({ dispatchId });
    assert.deepEqual(await session.commands(), [
      { kind: 'pause', by: 'Ada' },
      { kind: 'say', id, text: 'Use the new parser.', when: 'afterTurn', by: 'Ada' },
    ]);
  });

  it('steer only an agent that can be steered', async () => {
    const say = () => api.sessions.say({ dispatchId, text: 'Stop there.', when: 'now' });
    assert.equal((await refusal(say())).code, 'AGENT_NOT_STEERED');
    await session.write({ canSteer: true });
    await say();
    assert.deepEqual(
      (await session.commands()).map(({ kind }) => kind),
      ['say'],
    );
  });

  it('change and remove a text that waits, and no other', async () => {
    await session.write({ waiting: [{ id: 'w1', text: 'Then the docs.', by: 'Ada', atMs: 1 }] });
    await api.sessions.editWaiting({ dispatchId, waitingId: 'w1', text: 'Then the tests.' });
    assert.deepEqual(await session.commands(), [{ kind: 'edit', id: 'w1', text: 'Then the tests.', by: 'Ada' }]);
    const error = await refusal(api.sessions.editWaiting({ dispatchId, waitingId: 'w2' }));
    assert.equal(error.code, 'NOT_FOUND');
  });

  it('take the first of two answers, and name it to the second caller', async () => {
    await session.write({ requests: [permission()] });
    const other = await open('Ben');
    const answers = await Promise.allSettled([
      api.sessions.answer({ dispatchId, number: 1, answer: 'allow' }),
      other.sessions.answer({ dispatchId, number: 1, answer: 'deny', reason: 'Use npm ci.' }),
    ]);
    const [command, ...others] = await session.commands();
    assert.ok(command?.kind === 'answer' && others.length === 0);
    const [lost] = answers.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []));
    assert.ok(KernelError.is(lost, 'REQUEST_ANSWERED'));
    assert.equal(
      lost.message,
      `Request 1 of dispatch ${dispatchId} was already answered by ${command.by}: ${command.answer}.`,
    );
  });

  it('name the first answer after the host has taken it', async () => {
    await session.write({ requests: [permission()] });
    await api.sessions.answer({ dispatchId, number: 1, answer: 'allow' });
    await session.write({ requests: [] });
    const again = await refusal(api.sessions.answer({ dispatchId, number: 1, answer: 'deny' }));
    assert.equal(again.code, 'REQUEST_ANSWERED');
    const never = await refusal(api.sessions.answer({ dispatchId, number: 7, answer: 'deny' }));
    assert.equal(never.code, 'NOT_FOUND');
  });

  it('report an answer that another program wrote in place of the caller’s', async () => {
    await session.write({ requests: [permission()] });
    await makeFolders(session.files.commands);
    await writeFile(path.join(session.files.commands, 'answer-1.json'), '{"kind":"answer","answer":"allow"}');
    const error = await refusal(api.sessions.answer({ dispatchId, number: 1, answer: 'deny' }));
    assert.equal(error.code, 'FILE_UNREADABLE');
  });

  it('refuse answers that do not fit the request', async () => {
    await session.write({ requests: [permission({ mayAllow: false }), QUESTION] });
    const code = async (number: number, answer: 'allow' | 'deny' | 'accept' | 'decline', more: object = {}) =>
      (await refusal(api.sessions.answer({ dispatchId, number, answer, ...more }))).code;
    assert.deepEqual(
      [
        await code(1, 'allow'),
        await code(1, 'accept'),
        await code(2, 'allow'),
        await code(2, 'accept'),
        await code(2, 'accept', { values: { parser: 'old' } }),
        await code(2, 'accept', { values: { parser: 'new', retries: 1.5 } }),
        await code(2, 'accept', { values: { parser: 'new', other: 'x' } }),
        await code(2, 'decline', { reason: 'no' }),
      ],
      Array.from({ length: 8 }, () => 'INVALID_ARGUMENT'),
    );
    assert.deepEqual(await session.commands(), []);
    await api.sessions.answer({ dispatchId, number: 2, answer: 'accept', values: { parser: 'new', retries: 2 } });
    assert.equal((await session.commands()).length, 1);
  });

  it('pause all sessions, and name each dispatch that has none', async () => {
    const kernel = hosts[0]?.operations.kernels.get(project.folder);
    const oneShot = await kernel?.write((u) =>
      createDispatch(u, { agentType: 'claude', name: 'Reviewer', projectDir: project.folder }),
    );
    const closing = await SessionFixture.make(storageFolder(project.env), await aDispatch());
    await closing.write({ phase: 'closing' });
    assert.deepEqual(await api.sessions.pauseAll({}), {
      dispatches: [dispatchId],
      left: [{ dispatchId: oneShot?.id, name: 'Reviewer', kind: 'claude', problem: null }],
    });
    assert.deepEqual(await session.commands(), [{ kind: 'pause', by: 'Ada' }]);
    assert.deepEqual(await closing.commands(), []);
  });

  it('resume those sessions that are paused or will be', async () => {
    const other = await SessionFixture.make(storageFolder(project.env), await aDispatch());
    await other.write({ wantsPause: true });
    const { dispatches, left } = await api.sessions.resumeAll({});
    assert.deepEqual({ dispatches: dispatches.length, left }, { dispatches: 1, left: [] });
    assert.deepEqual(await other.commands(), [{ kind: 'resume', by: 'Ada' }]);
    assert.deepEqual(await session.commands(), []);
  });

  it('queue what continues a session, tied to its dispatch', async () => {
    const kernel = hosts[0]?.operations.kernels.get(project.folder);
    const ended = await kernel?.write((u) => createDispatch(u, { agentType: 'shell', projectDir: project.folder }));
    const id = ended?.id ?? assert.fail();
    const fixture = await SessionFixture.make(storageFolder(project.env), id);
    const queue = () => api.sessions.queueContinue({ dispatchId: id, text: 'Continue.' });
    await fixture.write();
    assert.equal((await refusal(queue())).code, 'SESSION_RUNNING');
    await fixture.write({ phase: 'ended' });
    await kernel?.write((u) => endDispatch(u, id, { status: 'failed' }));
    const { request } = await queue();
    assert.deepEqual(
      { kind: request.kind, session: request.session, parentId: request.parentId },
      { kind: 'shell', session: 'session-1', parentId: id },
    );
  });

  it('continue a session that is closing once its dispatch has ended', async () => {
    const kernel = hosts[0]?.operations.kernels.get(project.folder) ?? assert.fail();
    const { id } = await kernel.write((u) => createDispatch(u, { agentType: 'shell', projectDir: project.folder }));
    await (await SessionFixture.make(storageFolder(project.env), id)).write({ phase: 'closing' });
    assert.equal((await refusal(api.sessions.say({ dispatchId: id, text: 'Hello' }))).code, 'SESSION_ENDED');
    const queued = api.sessions.queueContinue({ dispatchId: id, text: 'Continue.' });
    await kernel.write((u) => endDispatch(u, id, { status: 'completed', exitCode: 0 }));
    assert.equal((await queued).request.parentId, id);
  });

  it('let no agent answer, and an agent steer only what it started', async () => {
    await session.write({ requests: [permission()] });
    const stranger = await open('stranger', await aDispatch());
    const own = await open('own', dispatchId);
    for (const agent of [stranger, own]) {
      const error = await refusal(agent.sessions.answer({ dispatchId, number: 1, answer: 'allow' }));
      assert.equal(error.code, 'PERSON_DECIDES');
    }
    assert.equal((await refusal(stranger.sessions.say({ dispatchId, text: 'Hurry.' }))).code, 'PERSON_DECIDES');
    await own.sessions.pause({ dispatchId });
    assert.deepEqual(await session.commands(), [{ kind: 'pause', by: `agent ${dispatchId}` }]);
  });

  it('refuse a session that ended, and a dispatch without one', async () => {
    const say = (id: string) => refusal(api.sessions.say({ dispatchId: id, text: 'More.' }));
    await session.write({ phase: 'ended' });
    assert.equal((await say(dispatchId)).code, 'SESSION_ENDED');
    await session.write();
    const kernel = hosts[0]?.operations.kernels.get(project.folder);
    await kernel?.write((u) => endDispatch(u, dispatchId, { status: 'completed' }));
    assert.equal((await say(dispatchId)).code, 'SESSION_ENDED');
    assert.equal((await api.sessions.get({ dispatchId })).phase, 'running');
    assert.equal((await say(await aDispatch())).code, 'SESSION_MISSING');
    assert.equal((await say('nobody00')).code, 'NOT_FOUND');
  });

  it('report a request as void where the host was killed', async () => {
    await session.write({ requests: [permission()] });
    const { files } = session;
    const launcher = { pid: 2 ** 22 + 1, startToken: '1' };
    const started = { launcher, agent: null, argv: [], cwd: project.folder, startedAtMs: 0 };
    await writeFile(files.started, sealed(files.secret, 'started', started));
    const error = await refusal(api.sessions.answer({ dispatchId, number: 1, answer: 'allow' }));
    assert.equal(error.code, 'REQUEST_VOID');
    assert.deepEqual(await session.commands(), []);
    const { phase, requests } = await api.sessions.get({ dispatchId });
    assert.deepEqual({ phase, requests }, { phase: 'ended', requests: [] });
  });

  it('take a state for none that another program wrote', async () => {
    await writeFile(session.files.session, JSON.stringify({ phase: 'running' }));
    assert.equal((await refusal(api.sessions.get({ dispatchId }))).code, 'SESSION_MISSING');
  });
});
