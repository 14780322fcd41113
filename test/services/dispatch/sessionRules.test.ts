/** The rules of a person's settings reach sessions that started before they changed. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { PermissionRule } from '../../../src/contract/permissions/model';
import type { DispatchFiles } from '../../../src/host/launcher/dispatchFiles';
import { silentLog } from '../../../src/host/log';
import { readCommands, readSessionState } from '../../../src/host/session/files/sessionFiles';
import { rulesDigest } from '../../../src/host/session/rulesDigest';
import { listDecisions } from '../../../src/kernel/dispatch/decisions';
import type { Dispatcher } from '../../../src/services/dispatch/dispatcher';
import { TakingUp, type TakingUpDeps } from '../../../src/services/leader/takingUp';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import { ended, PATIENCE_MS, Stage } from '../../support/dispatch/dispatchFixture';
import { filesOfDispatch } from '../../support/dispatch/ownFiles';
import { SESSION_HOST } from '../../support/sessions/hostedSession';
import { scriptedKind } from '../../support/sessions/scriptedKind';
import { until } from '../../support/until';

const COMMAND = { kind: 'execute', title: 'npm test', rawInput: { command: 'npm test' } };
const ALLOW: readonly PermissionRule[] = [{ command: 'npm test', then: 'allow' }];

describe('rules for sessions that are running', function () {
  this.timeout(PATIENCE_MS);
  let stage: Stage;
  let kernel: ProjectKernel;
  let id: string;
  let files: DispatchFiles;
  let later: Dispatcher;

  /** A session that waits for a person, and that no program follows any more. */
  beforeEach(async () => {
    stage = await Stage.open();
    kernel = await stage.kernel();
    const kind = await scriptedKind(stage.root, {
      turns: [[{ ask: COMMAND, writes: path.join(stage.root, 'ran') }]],
    });
    const earlier = stage.dispatcher({ sessionHostPath: SESSION_HOST }, [kind]);
    ({ id } = await earlier.start(kernel, { kind: 'scripted', prompt: 'Do it', agent: 'none' }));
    files = await filesOfDispatch(stage.storage, id);
    await until(
      () => readSessionState(files),
      (state) => state?.requests.length === 1,
    );
    await earlier.dispose();
    later = stage.dispatcher({ sessionHostPath: SESSION_HOST }, [kind]);
  });
  afterEach(() => stage.close());

  /** Adopts the session as a window does that starts, and resolves when its rules are given. */
  async function adopt(deps: Partial<TakingUpDeps>): Promise<void> {
    await new Promise<void>((resolve) => {
      const all = { log: silentLog, trusted: () => true, rules: () => ALLOW, by: 'ada', tookUp: () => resolve() };
      new TakingUp({ ...all, dispatcher: later, ...deps }).look(kernel);
    });
  }

  it('arrive when a program opens the record', async () => {
    await adopt({});
    assert.equal((await ended(later, kernel, id)).status, 'completed');
    assert.equal(existsSync(path.join(stage.root, 'ran')), true);
    assert.deepEqual(
      kernel.read((r) => listDecisions(r, id)).sound.map(({ answer, by, name }) => ({ answer, by, name })),
      [{ answer: 'allow', by: 'rule', name: '1' }],
    );
  });

  it('arrive in a session that another program starts later', async () => {
    await adopt({});
    await ended(later, kernel, id);
    const kind = await scriptedKind(stage.root, {
      turns: [[{ ask: COMMAND, writes: path.join(stage.root, 'later') }]],
    });
    const other = stage.dispatcher({ sessionHostPath: SESSION_HOST, leavesAgents: true }, [kind]);
    const second = await other.start(await stage.kernel(), { kind: 'scripted', prompt: 'Do it', agent: 'none' });
    await kernel.refresh();
    assert.equal((await ended(later, kernel, second.id)).status, 'completed');
    assert.equal(existsSync(path.join(stage.root, 'later')), true);
  });

  it('are not given again while they are in force', async () => {
    const deny: readonly PermissionRule[] = [{ command: 'npm run *', then: 'deny' }];
    await adopt({ rules: () => deny });
    await until(
      () => readSessionState(files),
      (state) => state?.rulesDigest === rulesDigest(deny),
    );
    await adopt({ rules: () => deny });
    assert.equal((await readCommands(files, ['rules'])).length, 1);
  });

  it('stay as they are where the settings of the person are not known', async () => {
    await adopt({ rules: () => undefined });
    assert.deepEqual(await readCommands(files, ['rules']), []);
  });
});
