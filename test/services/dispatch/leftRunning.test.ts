/** What an agent leaves running, on every way out of a dispatch. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readCancel, writeCancel } from '../../../src/host/launcher/launchRecord';
import { identify, isRunning, type ProcessIdentity } from '../../../src/host/process/processIdentity';
import { makeDispatchFiles } from '../../../src/host/launcher/dispatchFiles';
import type { Dispatch } from '../../../src/kernel/dispatch/model';
import { findDispatch } from '../../../src/kernel/dispatch/service';
import type { Dispatcher } from '../../../src/services/dispatch/dispatcher';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import { ended, shell, Stage } from '../../support/dispatch/dispatchFixture';
import { leaveServers } from '../../support/servers';
import { until } from '../../support/until';
import { itLongIf } from '../../support/long';

/** Each of these has something in common with one that is in every run. */
const LONGER = [
  'when it fails',
  'when it dies of a signal',
  'when its launcher is killed',
  'when its launcher is killed and it ends, after the window has gone',
];

describe('what an agent leaves running', function () {
  this.timeout(60_000);
  let stage: Stage;
  let kernel: ProjectKernel;

  beforeEach(async function () {
    if (process.platform !== 'linux') return this.skip();
    stage = await Stage.open();
    kernel = await stage.kernel();
  });
  afterEach(() => stage.close());

  const at = (name: string): string => path.join(stage.root, name);

  interface Running {
    readonly dispatcher: Dispatcher;
    readonly dispatch: Dispatch;
    readonly servers: readonly ProcessIdentity[];
  }

  /** An agent that has started its servers, and continues once there is a file `go`. */
  async function running(then: string, limitSec?: number): Promise<Running> {
    const dispatcher = stage.dispatcher();
    const script = `${leaveServers(at('pids'), true)}\nwhile [ ! -e ${at('go')} ]; do sleep 0.02; done\n${then}`;
    const request = shell(script, limitSec === undefined ? {} : { timeLimitSec: limitSec });
    const dispatch = await dispatcher.start(kernel, request);
    await until(() => Promise.resolve(existsSync(at('pids.whole'))), Boolean);
    const pids = (await readFile(at('pids'), 'utf8')).trim().split('\n').map(Number);
    return { dispatcher, dispatch, servers: await Promise.all(pids.map(identify)) };
  }

  async function adoptedEnding(id: string): Promise<void> {
    const later = stage.dispatcher();
    await later.adopt(kernel);
    await ended(later, kernel, id);
  }

  const go = (): Promise<void> => writeFile(at('go'), '');
  const killLauncher = ({ pid }: Dispatch): void => void process.kill(pid ?? assert.fail(), 'SIGKILL');
  const launcherOf = (id: string): Dispatch => kernel.read((r) => findDispatch(r, id)) ?? assert.fail();

  const WAYS: Readonly<Record<string, { then?: string; limitSec?: number; end: (run: Running) => Promise<unknown> }>> =
    {
      'when it succeeds': {
        end: ({ dispatcher, dispatch }) => go().then(() => ended(dispatcher, kernel, dispatch.id)),
      },
      'when it fails': {
        then: 'exit 3',
        end: ({ dispatcher, dispatch }) => go().then(() => ended(dispatcher, kernel, dispatch.id)),
      },
      'when it dies of a signal': {
        then: 'kill -9 $$',
        end: ({ dispatcher, dispatch }) => go().then(() => ended(dispatcher, kernel, dispatch.id)),
      },
      'when it is killed': { end: ({ dispatcher, dispatch }) => dispatcher.kill(kernel, dispatch.id) },
      'when its time is up': {
        limitSec: 2,
        end: ({ dispatcher, dispatch }) => ended(dispatcher, kernel, dispatch.id),
      },
      'when its launcher is killed': {
        end: ({ dispatcher, dispatch }) => {
          killLauncher(launcherOf(dispatch.id));
          return ended(dispatcher, kernel, dispatch.id);
        },
      },
      'when it ends after the window has gone': {
        end: async ({ dispatcher, dispatch }) => {
          await dispatcher.dispose();
          await go();
          await adoptedEnding(dispatch.id);
        },
      },
      'when its launcher is killed after the window has gone': {
        end: async ({ dispatcher, dispatch }) => {
          await dispatcher.dispose();
          killLauncher(launcherOf(dispatch.id));
          await adoptedEnding(dispatch.id);
        },
      },
      'when its launcher is killed and it ends, after the window has gone': {
        end: async ({ dispatcher, dispatch, servers }) => {
          await dispatcher.dispose();
          killLauncher(launcherOf(dispatch.id));
          await go();
          await delay(200);
          assert.ok((await Promise.all(servers.map(isRunning))).includes(true));
          await adoptedEnding(dispatch.id);
        },
      },
    };

  for (const [when, { then = '', limitSec, end }] of Object.entries(WAYS)) {
    itLongIf(LONGER.includes(when))(`ends ${when}`, async () => {
      const run = await running(then, limitSec);
      assert.deepEqual([...new Set(await Promise.all(run.servers.map(isRunning)))], [true]);
      await end(run);
      const left = await Promise.all(run.servers.map(isRunning));
      assert.deepEqual(
        left,
        run.servers.map(() => false),
      );
    });
  }

  it('is asked to end by several callers at once without a failure', async () => {
    const files = await makeDispatchFiles(stage.storage, 'aaaaaaaa');
    const asks = Array.from({ length: 20 }, (_, index) => writeCancel(files, { reason: 'x', requestedAtMs: index }));
    assert.deepEqual(
      (await Promise.allSettled(asks)).filter(({ status }) => status === 'rejected'),
      [],
    );
    assert.notEqual(await readCancel(files), undefined);
  });
});
