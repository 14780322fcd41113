/** The agent kind of dispatches that name none: by setting, record, and machine. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { KindChoice } from '../../../src/contract/results/agentKinds';
import { LeaderSettings } from '../../../src/cli/host/leadSettings';
import { FolderLedger } from '../../../src/host/files/folderLedger';
import { makeFolders } from '../../../src/host/files/folders';
import { silentLog, type Log } from '../../../src/host/log';
import { writeAddedAgent } from '../../../src/host/state/addedAgents';
import { addedAgentsFolder } from '../../../src/host/state/stateFolder';
import { createDispatch, markRunning } from '../../../src/kernel/dispatch/service';
import { CLAUDE_ACP_KIND } from '../../../src/services/agents/acp/kind';
import { withBuiltIns } from '../../../src/services/agents/builtInKinds';
import { AgentConsents } from '../../../src/services/consent/agentConsent';
import { OwnWork } from '../../../src/services/dispatch/context/ownWork';
import {
  AUTOMATIC_KINDS,
  chooseKind,
  DefaultKinds,
  type DefaultKindsDeps,
} from '../../../src/services/leader/defaultKind';
import { AgentPermissions } from '../../../src/services/leader/permissions';
import type { ProjectKernel } from '../../../src/services/record/kernels';
import { PROCESS } from '../../support/dispatch/dispatches';
import { shell, Stage } from '../../support/dispatch/dispatchFixture';
import { Machine } from '../../support/ic/environment';
import { Projects } from '../../support/projects';

/** setting, recorded kind, installed kinds → kind, reason */
const TABLE: readonly (readonly [string, string | undefined, string, string, KindChoice['reason']])[] = [
  ['', undefined, '', 'claude', 'noneInstalled'],
  ['', undefined, 'codex', 'codex', 'machine'],
  ['', undefined, 'codex codex-acp', 'codex-acp', 'machine'],
  ['', undefined, 'codex codex-acp claude', 'claude', 'machine'],
  ['', undefined, 'codex codex-acp claude claude-acp', 'claude-acp', 'machine'],
  ['', undefined, 'gemini', 'claude', 'noneInstalled'],
  ['', 'codex', 'claude claude-acp', 'codex', 'record'],
  ['', 'claude', 'claude claude-acp', 'claude', 'record'],
  ['', 'claude-acp', '', 'claude-acp', 'record'],
  ['', 'codex-acp', 'claude', 'codex-acp', 'record'],
  ['', 'shell', '', 'claude', 'noneInstalled'],
  ['', 'shell', 'codex', 'codex', 'machine'],
  ['', '', 'codex', 'codex', 'machine'],
  ['codex', undefined, 'claude-acp', 'codex', 'setting'],
  ['codex', 'claude', 'claude-acp', 'codex', 'setting'],
  ['gemini', 'claude', '', 'gemini', 'setting'],
];

describe('the default agent kind', function () {
  this.timeout(60_000);
  const projects = Projects.ofSuite();

  for (const [setting, recorded, installed, kind, reason] of TABLE) {
    const facts = `setting “${setting}”, record “${recorded ?? 'none'}”, installed “${installed}”`;
    it(`is ${kind} (${reason}) with ${facts}`, () => {
      const choice = chooseKind({ setting, recorded, installed: new Set(installed.split(' ')) });
      assert.deepEqual(choice, { kind, reason });
    });
  }

  it('is one of four where no setting names it, whatever a record holds', () => {
    const names = ['shell', 'gemini', 'demo', '../x', 'constructor', '__proto__', 'CLAUDE', ' claude', 'claude\0'];
    for (const name of names) {
      const { kind, reason } = chooseKind({ setting: '', recorded: name, installed: new Set(names) });
      assert.deepEqual([kind, reason], ['claude', 'noneInstalled'], name);
    }
    assert.deepEqual(AUTOMATIC_KINDS, ['claude-acp', 'claude', 'codex-acp', 'codex']);
  });

  interface Given extends Partial<DefaultKindsDeps> {
    readonly setting?: string;
    readonly kernel?: ProjectKernel;
  }

  let machine: Machine;
  beforeEach(async () => {
    machine = await Machine.in(await projects.folder());
  });

  function defaultsWith({ setting, kernel, ...more }: Given = {}): DefaultKinds {
    const given = setting === undefined ? {} : { 'intercore.agents.default': setting };
    const layers = { own: [], workspace: undefined, folders: new Map(), isOneFolder: true, given };
    return new DefaultKinds({
      settings: new LeaderSettings(layers, true, silentLog),
      kinds: () => withBuiltIns([], machine.environment),
      record: () => kernel,
      environment: () => Promise.resolve({ variables: machine.environment, passEnv: [] }),
      log: silentLog,
      ...more,
    });
  }

  it('follows what is installed at the moment', async () => {
    const defaults = defaultsWith();
    const isNow = async (kind: string): Promise<void> => {
      assert.equal((await defaults.decide('/p')).kind, kind);
      assert.equal(defaults.choice('/p').kind, kind);
    };
    await machine.install('codex-acp', 'exit 1');
    await isNow('claude');
    assert.equal(defaults.choice('/p').reason, 'noneInstalled', 'an adapter alone is nothing');
    await machine.install('codex', 'exit 1');
    await isNow('codex-acp');
    await machine.install('claude', 'exit 1');
    await isNow('claude');
    await machine.install('claude-agent-acp', 'exit 1');
    await isNow('claude-acp');
  });

  it('is an adapter that was added, and no program is started to find it', async () => {
    const main = await machine.install('adapter.js', 'exit 1');
    const marker = path.join(machine.root, 'started');
    await machine.install('claude', `echo > ${marker}`);
    assert.equal((await defaultsWith().decide('/p')).kind, 'claude');
    await makeFolders(addedAgentsFolder(machine.environment));
    const kind = { ...CLAUDE_ACP_KIND, command: 'node', args: [main] };
    await writeAddedAgent(machine.environment, { version: '1', main, kind });
    assert.deepEqual(await defaultsWith().decide('/p'), { kind: 'claude-acp', reason: 'machine' });
    assert.equal(existsSync(marker), false);
  });

  it('stays what it was when the first agent ran by default, and a named kind changes nothing', async () => {
    const stage = await Stage.open();
    try {
      const kernel = await stage.kernel();
      const defaults = defaultsWith({ kernel });
      const script = { promptBy: 'stdin', parser: 'plain', command: '/bin/sh' } as const;
      const kinds = ['claude', 'codex'].map((name) => ({ name, ...script, args: ['-c', 'true'] }));
      const play = async (kind: string): Promise<void> => {
        const { status } = await stage.play(shell('true', { kind }), { isDefault: defaults.isDefault }, kinds);
        assert.equal(status, 'completed');
      };
      await machine.install('codex', 'exit 1');
      assert.deepEqual(await defaults.decide(stage.project), { kind: 'codex', reason: 'machine' });
      await play('claude');
      assert.deepEqual(await defaults.decide(stage.project), { kind: 'codex', reason: 'machine' });
      await play('codex');
      await machine.install('claude', 'exit 1');
      assert.deepEqual(await defaults.decide(stage.project), { kind: 'codex', reason: 'record' });
      assert.deepEqual(await defaultsWith().decide(stage.project), { kind: 'claude', reason: 'machine' });
      const chosen = defaultsWith({ kernel, setting: 'claude' });
      assert.equal(chosen.isDefault(stage.project, 'claude'), false, 'a setting leaves nothing behind');
    } finally {
      await stage.close();
    }
  });

  /** As a record from elsewhere may claim it. */
  async function recordWith(agentType: string): Promise<ProjectKernel> {
    const kernel = await projects.create();
    await kernel.write((u) => {
      const { id } = createDispatch(u, { agentType, projectDir: kernel.folder });
      markRunning(u, id, { ...PROCESS, byDefault: 1 });
    });
    return kernel;
  }

  it('needs the permission of a person also where a record chooses it', async () => {
    const kernel = await recordWith('codex');
    const defaults = defaultsWith({ kernel });
    const ledger = (topic: 'agents' | 'work'): FolderLedger => new FolderLedger(machine.root, topic);
    const consents = new AgentConsents(ledger('agents'), machine.environment);
    const settings = new LeaderSettings(
      { own: [], workspace: undefined, folders: new Map(), isOneFolder: true, given: {} },
      false,
      silentLog,
    );
    const permissions = new AgentPermissions({ settings, defaults, consents, work: new OwnWork(ledger('work')) });
    assert.deepEqual(defaults.usual(kernel.folder), { planner: 'codex', worker: 'codex' });
    const missing = permissions.missing(kernel.folder);
    assert.deepEqual(
      missing.map(({ name }) => name),
      ['codex'],
    );
    consents.allow(kernel.folder, missing);
    assert.deepEqual(permissions.missing(kernel.folder), []);
  });

  it('searches the machine only where nothing else decides, and says when it has', async () => {
    let searches = 0;
    const environment = (): ReturnType<DefaultKindsDeps['environment']> => {
      searches += 1;
      return Promise.resolve({ variables: machine.environment, passEnv: [] });
    };
    assert.equal(defaultsWith({ setting: 'shell', environment }).isDecided('/p'), true);
    const kernel = await recordWith('claude');
    assert.equal(defaultsWith({ kernel, environment }).isDecided(kernel.folder), true);
    assert.equal(searches, 0);
    const defaults = defaultsWith({ environment });
    const decided = new Promise<void>((resolve) => defaults.onDidChange(resolve));
    assert.equal(defaults.isDecided('/p'), false);
    assert.equal(defaults.isDecided('/p'), false);
    await decided;
    assert.equal(defaults.isDecided('/p'), true);
    assert.equal(searches, 1);
  });

  it('is decided where the machine cannot be searched, and the log says why', async () => {
    const lines: string[] = [];
    const log: Log = { ...silentLog, error: (line, fields) => lines.push(`${line} ${JSON.stringify(fields)}`) };
    const environment = (): Promise<never> => Promise.reject(new Error('no shell'));
    const defaults = defaultsWith({ environment, log });
    assert.deepEqual(await defaults.decide('/p'), { kind: 'claude', reason: 'noneInstalled' });
    assert.equal(defaults.isDecided('/p'), true);
    assert.match(lines.join(), /agent programs not searched .*no shell/);
  });
});
