/** Heavy steps share one queue, and the endings of agents have priority. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { silentLog } from '../../../src/host/log';
import type { Dispatcher } from '../../../src/services/dispatch/dispatcher';
import { PendingEndings } from '../../../src/services/dispatch/end/pendingEndings';
import { HeavySteps } from '../../../src/services/tasks/heavySteps';
import { TaskFixture } from '../../support/tasks/taskFixture';
import { itLong } from '../../support/long';

const PARTS = 3;

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

/** Resolves once the line is as expected. */
function whenLine(heavy: HeavySteps, isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (!isSo()) return;
      subscription.dispose();
      resolve();
    };
    const subscription = heavy.onDidChange(check);
    check();
  });
}

/** Plans parts that do not depend on each other. */
const PLANNER = `for n in $(seq 1 ${PARTS}); do ic subtask create --title="Part $n"; done`;

const workerUntil = (go: string): string => `
  until [ -e '${go}' ]; do sleep 0.1; done
  echo work > "$INTERCORE_SUBTASK_ID.txt" && git add --all && git commit --quiet --message=Work
  ic subtask close --reason=done`;

describe('heavy steps', () => {
  const steps = (more: Partial<ConstructorParameters<typeof HeavySteps>[0]> = {}): HeavySteps =>
    new HeavySteps({ log: silentLog, atOnce: 1, ...more });

  it('run one after another, in the order they came', async () => {
    const heavy = steps();
    const order: string[] = [];
    const first = deferred();
    const all = ['a', 'b', 'c'].map((name) =>
      heavy.run(name, async () => {
        order.push(`${name} starts`);
        if (name === 'a') await first.promise;
        order.push(`${name} ends`);
      }),
    );
    assert.deepEqual(
      ['a', 'b', 'c'].map((name) => heavy.waits(name)),
      [false, true, true],
    );
    first.resolve();
    await Promise.all(all);
    assert.deepEqual(order, ['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
    assert.equal(heavy.waits('b'), false);
  });

  it('leave the line when they are aborted', async () => {
    const heavy = steps();
    const first = deferred();
    const running = heavy.run('a', () => first.promise);
    const stop = new AbortController();
    const stopped = heavy.run('b', () => Promise.reject(new Error('it ran')), stop.signal);
    const last = heavy.run('c', () => Promise.resolve('c ran'));
    stop.abort(new Error('It was stopped.'));
    await assert.rejects(stopped, /It was stopped/);
    assert.equal(heavy.waits('b'), false);
    first.resolve();
    await running;
    assert.equal(await last, 'c ran');
  });

  it('give their place back when they fail', async () => {
    const heavy = steps();
    await assert.rejects(
      heavy.run('a', () => Promise.reject(new Error('no disk'))),
      /no disk/,
    );
    assert.equal(await heavy.run('b', () => Promise.resolve('b ran')), 'b ran');
  });

  it('do not wait forever for one that hangs', async () => {
    const heavy = steps({ longestMs: 1 });
    const hanging = deferred();
    const first = heavy.run('a', () => hanging.promise);
    assert.equal(await heavy.run('b', () => Promise.resolve('b ran')), 'b ran');
    hanging.resolve();
    await first;
    assert.equal(await heavy.run('c', () => Promise.resolve('c ran')), 'c ran');
  });

  it('start after the endings that are being recorded', async () => {
    const endings = new PendingEndings();
    const heavy = steps({ before: () => endings.recorded() });
    const order: string[] = [];
    const ending = deferred();
    endings.note(ending.promise.then(() => void order.push('recorded')));
    const step = heavy.run('a', () => Promise.resolve(order.push('step')));
    ending.resolve();
    await step;
    assert.deepEqual(order, ['recorded', 'step']);
  });
});

describe('agents that end together', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });

  afterEach(() => fixture.close());

  itLong('are all recorded while the line of heavy steps is blocked', async () => {
    const go = path.join(fixture.stage.root, 'go');
    let started = 0;
    const made = (dispatcher: Dispatcher): HeavySteps =>
      new HeavySteps({
        log: silentLog,
        atOnce: 1,
        longestMs: 2 ** 30,
        before: async () => {
          await dispatcher.endingsRecorded();
          started += 1;
        },
      });
    const dispatcher = fixture.dispatcher();
    const heavy = made(dispatcher);
    fixture.heavySteps = () => heavy;
    fixture.settings = { ...fixture.settings, maxConcurrent: PARTS };
    await fixture.agents(PLANNER, workerUntil(go));
    fixture.start(dispatcher);
    const task = await fixture.task({ autoStart: true });
    const subtasks = () => fixture.read(task).subtasks;
    await fixture.when('all agents run', () => {
      const running = subtasks().filter(({ id, stage }) => stage === 'agent' && fixture.attempts(task, id).length > 0);
      return running.length === PARTS;
    });

    const blocked = deferred();
    const isBlocked = deferred();
    const blocking = heavy.run('other work', () => {
      isBlocked.resolve();
      return blocked.promise;
    });
    await isBlocked.promise;
    const before = started;
    await writeFile(go, '');
    await fixture.when('every ending is recorded', () => subtasks().every(({ stage }) => stage === 'verify'));
    const ended = fixture.kernel.read((r) => r.db.rows("SELECT id FROM dispatches WHERE status = 'completed'", []));
    assert.equal(ended.length, PARTS + 1);
    await whenLine(heavy, () => subtasks().every(({ id }) => heavy.waits(id)));
    assert.equal(started, before);
    blocked.resolve();
    await blocking;
    await fixture.when('all are completed', () => subtasks().every(({ status }) => status === 'COMPLETED'));
    assert.ok(subtasks().every(({ id }) => !heavy.waits(id)));
  });
});
