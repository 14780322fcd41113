/** The demo's agent in sessions, with the real session host: what it asks, and what it does with each answer. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, realpath, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { createRepository, git, PARCEL_API, PARCEL_WEB } from '../../../scripts/demo/repositories';
import { agentKind } from '../../../src/contract/agentKinds';
import type { SESSION_ANSWERS } from '../../../src/contract/sessions';
import { FolderLedger } from '../../../src/host/files/folderLedger';
import { systemPorts } from '../../../src/host/clock';
import { findDispatchFiles, queuedPrompt } from '../../../src/host/launcher/dispatchFiles';
import { ownLauncher } from '../../../src/host/launcher/ownProcess';
import { silentLog } from '../../../src/host/log';
import { isRunning } from '../../../src/host/process/processIdentity';
import { readSessionState } from '../../../src/host/session/files/sessionFiles';
import { FolderRegistry } from '../../../src/host/trusted/folderRegistry';
import { listQueued } from '../../../src/kernel/queue/service';
import { AgentConsents } from '../../../src/services/consent/agentConsent';
import { makeDemo, removeDemo } from '../../../src/services/demo/demo';
import { API_SESSIONS, sessionKind, WEB_SESSIONS } from '../../../src/services/demo/sessions';
import { Dispatcher } from '../../../src/services/dispatch/dispatcher';
import { inProject, inTmp } from '../../../tools/project';
import { LAUNCHER } from '../../support/dispatch/dispatchFixture';
import { Projects } from '../../support/projects';
import { HostedSession, SESSION_HOST, type SessionOptions } from '../../support/sessions/hostedSession';
import { until } from '../../support/until';

type DemoSession = (typeof API_SESSIONS)[number];

const consents = new AgentConsents(new FolderLedger(inTmp('demo-session-consents'), 'agents'));
const registry = new FolderRegistry(inTmp('demo-session-places', 'places.json'));
const parts = { registry, consents, scripts: inProject('media/demo'), environment: process.env };

const workspaceFile = z.object({
  settings: z.object({ 'intercore.agents.kinds': z.array(agentKind), 'intercore.storage.directory': z.string() }),
});

const BY = 'Ada';

function named(sessions: readonly DemoSession[], name: string): DemoSession {
  return sessions.find((session) => session.name === name) ?? assert.fail(name);
}

const README = named(API_SESSIONS, 'Document late parcels');
const UNIT = named(API_SESSIONS, 'Choose the unit of delays');
const HISTORY = named(WEB_SESSIONS, 'Summarize the history of the page');

describe('a session of the demo', function () {
  this.timeout(60_000);
  const started: HostedSession[] = [];
  afterEach(async () => {
    for (const session of started.splice(0)) await session.dispose();
  });

  /** As the demo starts it, but without pauses. */
  async function start(of: DemoSession | string, options: SessionOptions = {}): Promise<HostedSession> {
    const root = await realpath(await mkdtemp(path.join(tmpdir(), 'demo-session-')));
    const folder = path.join(root, 'work');
    await createRepository(folder, of === HISTORY ? PARCEL_WEB : PARCEL_API);
    await mkdir(path.join(root, 'demo'));
    await copyFile(inProject('media/demo/session.mjs'), path.join(root, 'demo/session.mjs'));
    const { command, args, env } = sessionKind(path.join(root, 'demo'), { command: process.execPath });
    const policy = typeof of === 'string' ? 'askAll' : (of.permissions ?? 'freeInside');
    const session = await HostedSession.run(
      {
        root,
        folder,
        argv: [command, ...args],
        env: { ...env, PATH: process.env['PATH'] ?? '', HOME: root, INTERCORE_DEMO_PACE_MS: '0' },
      },
      { policy, prompt: typeof of === 'string' ? of : `${of.name}\n\n${of.text}\n`, ...options },
    );
    started.push(session);
    return session;
  }

  async function answer(
    session: HostedSession,
    given: (typeof SESSION_ANSWERS)[number],
    more: object = {},
  ): Promise<void> {
    const { number } = await session.request();
    const outcome = await session.give({ kind: 'answer', number, answer: given, by: BY, ...more });
    assert.equal(outcome.kind, 'given');
  }

  it('says first that it is a script', async () => {
    const session = await start(README);
    await session.request();
    const log = JSON.stringify(await session.log());
    assert.match(log, /a script, not a model/);
    assert.equal((await session.state())?.agentName, 'Demo Agent (a script)');
  });

  it('shows its change, and makes it once it is allowed', async () => {
    const session = await start(README);
    const request = await session.request();
    assert.ok(request.kind === 'permission');
    const readme = path.join(session.folder, 'README.md');
    assert.deepEqual(
      request.diffs.map(({ path: file, newText }) => [file, newText.includes('## Late parcels')]),
      [[readme, true]],
    );
    assert.doesNotMatch(await readFile(readme, 'utf8'), /Late parcels/);
    await answer(session, 'allow');
    assert.equal((await session.ended()).exitCode, 0);
    assert.match(await readFile(readme, 'utf8'), /Late parcels/);
  });

  it('leaves the file as it was once it is denied, and asks whether it may write down the reason', async () => {
    const session = await start(README);
    await answer(session, 'deny', { reason: 'Put it into the docs.' });
    const { requests } = await session.when((state) => state.turns === 2 && state.requests.length > 0);
    const [next] = requests;
    assert.ok(next?.kind === 'permission');
    assert.match(next.diffs[0]?.newText ?? '', /^- Put it into the docs\.$/m);
    await answer(session, 'deny');
    await session.ended();
    assert.equal(await git(session.folder, ['status', '--porcelain']), '');
  });

  it('runs its command once it is allowed', async () => {
    const session = await start(HISTORY);
    const request = await session.request();
    assert.ok(request.kind === 'permission');
    assert.equal(request.command, 'git log --oneline');
    await answer(session, 'allow');
    await session.ended();
    const log = JSON.stringify(await session.log());
    assert.ok(log.includes(`The page has ${PARCEL_WEB.length} commits.`));
    assert.ok(log.includes('Give the page a quiet look'));
  });

  it('writes down the answer to its question, which its policy allows', async () => {
    const session = await start(UNIT);
    const request = await session.request();
    assert.ok(request.kind === 'question');
    assert.deepEqual(
      request.fields.map(({ name, isRequired }) => [name, isRequired]),
      [
        ['unit', true],
        ['reason', false],
      ],
    );
    await answer(session, 'accept', { values: { unit: 'hours' } });
    await session.ended();
    assert.match(await readFile(path.join(session.folder, 'docs/delay-unit.md'), 'utf8'), /shown in hours\./);
  });

  it('decides nothing once its question is declined', async () => {
    const session = await start(UNIT);
    await answer(session, 'decline');
    assert.equal((await session.ended()).exitCode, 0);
    assert.equal(existsSync(path.join(session.folder, 'docs')), false);
  });

  it('writes down any other text, also in a session that continues', async () => {
    const session = await start(HISTORY);
    await session.request();
    await session.give({ kind: 'say', id: 's1', text: 'Thank you.', when: 'afterTurn', by: BY });
    await answer(session, 'allow');
    await session.ended();
    assert.match(await readFile(path.join(session.folder, 'docs/said.md'), 'utf8'), /^- Thank you\.$/m);
    const resumed = await start('And now?', { resume: 'an earlier one', policy: 'freeInside' });
    await resumed.ended();
    assert.match(await readFile(path.join(resumed.folder, 'docs/said.md'), 'utf8'), /^- And now\?$/m);
  });

  it('ends its turn when it is canceled', async () => {
    const session = await start(README);
    await session.request();
    await session.give({ kind: 'cancel', by: BY });
    const { phase } = await session.when((state) => state.phase === 'idle');
    assert.equal(phase, 'idle');
    assert.match(JSON.stringify(await session.log()), /"stopReason":"cancelled"/);
  });
});

describe('the sessions of a new demo', function () {
  this.timeout(60_000);
  const projects = Projects.ofSuite();

  it('start from the queue without another question, and end when the demo is removed', async () => {
    const folder = path.join(await projects.folder(), 'demo');
    const { settings } = workspaceFile.parse(JSON.parse(await readFile(await makeDemo(folder, parts), 'utf8')));
    const kinds = settings['intercore.agents.kinds'];
    const storageDir = settings['intercore.storage.directory'];
    const kernel = await projects.open(path.join(folder, 'parcel-web'));
    const dispatcher = new Dispatcher({
      kinds: () => kinds,
      storageDir,
      launcherPath: LAUNCHER,
      sessionHostPath: SESSION_HOST,
      ports: systemPorts,
      log: silentLog,
      canRun: () => true,
      mayStart: (project, { kind }) => {
        consents.require(project.folder, kind);
        return Promise.resolve();
      },
    });
    try {
      const [queued = assert.fail('nothing is queued')] = kernel.read((r) => listQueued(r)).queued;
      assert.equal(dispatcher.mayStartUnasked(queued), true);
      const { id } = await dispatcher.startQueued(kernel, queued.id);
      const files = (await findDispatchFiles([storageDir], id)) ?? assert.fail('the dispatch has no files');
      await until(
        () => readSessionState(files),
        (state) => state?.requests.length === 1,
      );
      const host = (await ownLauncher(files)) ?? assert.fail('its host is not running');
      await removeDemo(folder, registry);
      assert.equal(await isRunning(host), false);
      assert.equal(existsSync(folder), false);
    } finally {
      await dispatcher.dispose();
    }
  });

  it('wait in its queue for a window, with prompts of its own storage', async () => {
    const folder = path.join(await projects.folder(), 'demo');
    await makeDemo(folder, parts);
    for (const [name, sessions] of [
      ['parcel-api', API_SESSIONS],
      ['parcel-web', WEB_SESSIONS],
    ] as const) {
      const kernel = await projects.open(path.join(folder, name));
      const { queued, invalid } = kernel.read((r) => listQueued(r));
      assert.deepEqual(invalid, []);
      assert.deepEqual(
        queued.map(({ request }) => [request.name, request.kind]),
        sessions.map((session) => [session.name, 'demo-session']),
      );
      for (const { id, request } of queued) {
        assert.equal(request.prompt.file, queuedPrompt(path.join(folder, 'storage'), id));
        const [title = ''] = (await readFile(request.prompt.file, 'utf8')).split('\n');
        assert.equal(title, request.name);
      }
    }
  });
});
