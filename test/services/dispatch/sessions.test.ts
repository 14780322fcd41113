import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SessionState } from '../../../src/contract/sessions';
import type { DispatchFiles } from '../../../src/host/launcher/dispatchFiles';
import { proven, readStarted } from '../../../src/host/launcher/launchRecord';
import { isRunning } from '../../../src/host/process/processIdentity';
import { giveCommand, readSessionState } from '../../../src/host/session/files/sessionFiles';
import { listDecisions } from '../../../src/kernel/dispatch/decisions';
import { dispatchProcess, getDispatch } from '../../../src/kernel/dispatch/service';
import type { PermissionPolicy } from '../../../src/kernel/dispatch/permissionPolicy';
import type { Dispatcher, DispatchRequest } from '../../../src/services/dispatch/dispatcher';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import { ended, PATIENCE_MS, Stage } from '../../support/dispatch/dispatchFixture';
import { filesOfDispatch } from '../../support/dispatch/ownFiles';
import { SESSION_HOST } from '../../support/sessions/hostedSession';
import type { AgentScript } from '../../support/sessions/scriptedAgent';
import { scriptedKind } from '../../support/sessions/scriptedKind';
import { until } from '../../support/until';

const COMMAND = { kind: 'execute', title: 'npm test', rawInput: { command: 'npm test' } };
const request = { kind: 'scripted', prompt: 'Do it', agent: 'none' } as const;

describe('a dispatch in a session', function () {
  this.timeout(PATIENCE_MS);
  let stage: Stage;
  let kernel: ProjectKernel;

  beforeEach(async () => {
    stage = await Stage.open();
    kernel = await stage.kernel();
  });
  afterEach(() => stage.close());

  async function dispatcherFor(script: AgentScript): Promise<Dispatcher> {
    const kind = await scriptedKind(stage.root, script);
    return stage.dispatcher({ sessionHostPath: SESSION_HOST }, [kind]);
  }

  async function waiting(files: DispatchFiles): Promise<SessionState> {
    const found = await until(
      () => readSessionState(files),
      (state) => (state?.requests.length ?? 0) > 0,
    );
    if (found === undefined) throw new Error('the session has no state');
    return found;
  }

  it('is recorded with its session, tokens, and message', async () => {
    const usage = { inputTokens: 10, outputTokens: 5, totalTokens: 15 };
    const dispatcher = await dispatcherFor({ turns: [[{ say: 'All done' }, { stop: 'end_turn', usage }]] });
    const { id } = await dispatcher.start(kernel, request);
    const dispatch = await ended(dispatcher, kernel, id);
    assert.deepEqual(
      {
        status: dispatch.status,
        exitCode: dispatch.exitCode,
        inputTokens: dispatch.inputTokens,
        outputTokens: dispatch.outputTokens,
        sessionId: kernel.read((r) => dispatchProcess(r, id))?.sessionId,
      },
      { status: 'completed', exitCode: 0, inputTokens: 10, outputTokens: 5, sessionId: 'session-1' },
    );
  });

  it('fails where the agent refuses', async () => {
    const dispatcher = await dispatcherFor({ turns: [[{ stop: 'refusal' }]] });
    const { id } = await dispatcher.start(kernel, request);
    const dispatch = await ended(dispatcher, kernel, id);
    assert.equal(dispatch.status, 'failed');
  });

  it('continues the session of an earlier dispatch', async () => {
    const dispatcher = await dispatcherFor({ turns: [[]] });
    const { id } = await dispatcher.start(kernel, { ...request, session: 'session-1' });
    await ended(dispatcher, kernel, id);
    assert.ok((await readFile(path.join(stage.root, 'scripted-journal'), 'utf8')).includes('"session/resume"'));
  });

  it('gets a wider permission policy than its machine has only from a person who starts it', async () => {
    const kind = await scriptedKind(stage.root, { turns: [[]] });
    const permissions = () => ({ policy: 'denyAsked', rules: [] }) as const;
    const dispatcher = stage.dispatcher({ sessionHostPath: SESSION_HOST, permissions }, [kind]);
    const policyOf = async (id: string) => {
      await ended(dispatcher, kernel, id);
      const state = await readSessionState(await filesOfDispatch(stage.storage, id));
      const { permissions: recorded } = kernel.read((r) => dispatchProcess(r, id)) ?? {};
      assert.equal(recorded, state?.policy);
      return recorded;
    };
    const start = (more: Partial<DispatchRequest>, chosen?: PermissionPolicy) =>
      dispatcher.start(kernel, { ...request, ...more }, undefined, chosen);
    assert.equal(await policyOf((await start({})).id), 'denyAsked');
    assert.equal(await policyOf((await start({ permissions: 'allowAll' })).id), 'denyAsked');
    assert.equal(await policyOf((await start({}, 'freeInside')).id), 'freeInside');
    const { id: narrow } = await start({ permissions: 'askAll' });
    assert.equal(await policyOf(narrow), 'askAll');
    assert.equal(await policyOf((await start({ parentId: narrow, permissions: 'freeInside' })).id), 'askAll');
    const queued = await dispatcher.queue(kernel, { ...request, permissions: 'allowAll' });
    assert.equal(await policyOf((await dispatcher.startQueued(kernel, queued.id)).id), 'denyAsked');
  });

  it('waits for a person through a change of windows, and loses no answer', async () => {
    const first = await dispatcherFor({ turns: [[{ ask: COMMAND, writes: path.join(stage.root, 'ran') }]] });
    const { id } = await first.start(kernel, request);
    const files = await filesOfDispatch(stage.storage, id);
    const { requests } = await waiting(files);
    await first.dispose();
    await giveCommand(files, { kind: 'answer', number: requests[0]?.number ?? 0, answer: 'allow', by: 'ada' });
    const second = await dispatcherFor({ turns: [] });
    await second.adopt(kernel);
    const dispatch = await ended(second, kernel, id);
    assert.equal(dispatch.status, 'completed');
    assert.equal(existsSync(path.join(stage.root, 'ran')), true);
  });

  it('has each decision in its record once, also if a window ends between two', async () => {
    const edit = { kind: 'edit', title: 'Edit a', locations: [{ path: 'a' }] };
    const first = await dispatcherFor({ turns: [[{ ask: edit }, { ask: COMMAND }], []] });
    const { id } = await first.start(kernel, request);
    const files = await filesOfDispatch(stage.storage, id);
    const { requests } = await waiting(files);
    const decisions = () => Promise.resolve(kernel.read((r) => listDecisions(r, id)).sound);
    await until(decisions, (list) => list.length === 1);
    await first.dispose();
    const number = requests[0]?.number ?? 0;
    await giveCommand(files, { kind: 'answer', number, answer: 'deny', reason: 'Use npm ci', by: 'ada' });
    const second = await dispatcherFor({ turns: [] });
    await second.adopt(kernel);
    await ended(second, kernel, id);
    assert.deepEqual(
      (await decisions()).map(({ askedAt, decidedAt, subject, ...decision }) => ({
        ...decision,
        subject: path.basename(subject),
        isTimed: askedAt !== null && askedAt <= decidedAt,
      })),
      [
        {
          dispatchId: id,
          number: 1,
          tool: 'edit',
          subject: 'a',
          answer: 'allow',
          by: 'policy',
          name: 'freeInside',
          reason: null,
          isTimed: true,
        },
        {
          dispatchId: id,
          number: 2,
          tool: 'execute',
          subject: 'npm test',
          answer: 'deny',
          by: 'person',
          name: 'ada',
          reason: 'Use npm ci',
          isTimed: true,
        },
      ],
    );
  });

  it('has the decisions in its record that were cut from its log before a window read it', async () => {
    const edit = { kind: 'edit', title: 'Edit a', locations: [{ path: 'a' }] };
    const say = { say: 'x'.repeat(300_000) };
    const kind = await scriptedKind(stage.root, {
      turns: [[say, { ask: edit }, say, say, say, say, { ask: COMMAND }]],
    });
    const deps = { sessionHostPath: SESSION_HOST, logLimitBytes: () => 1024 * 1024 };
    const first = stage.dispatcher(deps, [kind]);
    const { id } = await first.start(kernel, request);
    await first.dispose();
    const files = await filesOfDispatch(stage.storage, id);
    const { requests } = await waiting(files);
    await giveCommand(files, { kind: 'answer', number: requests[0]?.number ?? 0, answer: 'allow', by: 'ada' });
    const second = stage.dispatcher(deps, [kind]);
    await second.adopt(kernel);
    await ended(second, kernel, id);
    const log = await readFile(files.log, 'utf8');
    assert.match(log, /MB were cut here/);
    assert.doesNotMatch(log, /"type":"decided","n":\d+,"at":\d+,"number":1,/);
    const { sound } = kernel.read((r) => listDecisions(r, id));
    assert.deepEqual(
      sound.map(({ number, subject, by }) => [number, path.basename(subject), by]),
      [
        [1, 'a', 'policy'],
        [2, 'npm test', 'person'],
      ],
    );
  });

  it('is killed with its host and its agent', async () => {
    const dispatcher = await dispatcherFor({ turns: [[{ ask: COMMAND }]] });
    const { id } = await dispatcher.start(kernel, request);
    const files = await filesOfDispatch(stage.storage, id);
    await waiting(files);
    const started = proven(await readStarted(files));
    await dispatcher.kill(kernel, id);
    assert.equal(kernel.read((r) => getDispatch(r, id)).status, 'cancelled');
    assert.ok(started?.agent);
    assert.equal(await isRunning(started.agent), false);
    assert.equal(await isRunning(started.launcher), false);
  });

  it('ends its agent where its host is killed', async () => {
    const dispatcher = await dispatcherFor({ ignoresClose: true, turns: [[{ ask: COMMAND }]] });
    const { id } = await dispatcher.start(kernel, request);
    const files = await filesOfDispatch(stage.storage, id);
    await waiting(files);
    const started = proven(await readStarted(files));
    assert.ok(started?.agent);
    process.kill(started.launcher.pid, 'SIGKILL');
    const dispatch = await ended(dispatcher, kernel, id);
    assert.equal(dispatch.status, 'failed');
    assert.equal(await isRunning(started.agent), false);
  });
});
