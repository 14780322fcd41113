/** Jobs outside the work on tasks that fail again and again: shown with their reason, count, and next try, until they succeed. */
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { systemPorts } from '../../../src/host/clock';
import { silentLog } from '../../../src/host/log';
import { KernelError } from '../../../src/kernel/errors/errors';
import { foreignText } from '../../../src/kernel/errors/reasons/problem';
import { findQueued } from '../../../src/kernel/queue/service';
import { isQueued } from '../../../src/kernel/queue/store';
import { stageFailures } from '../../../src/kernel/tasks/upkeep/stageHolds';
import { DispatchQueue } from '../../../src/services/dispatch/queue/dispatchQueue';
import { noteJobFailure, noteJobSuccess } from '../../../src/services/failures/jobFailures';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import { startAgain } from '../../../src/services/tasks/lead/jobs';
import { leaderLock } from '../../../src/services/tasks/leader';
import { TaskLeader } from '../../../src/services/tasks/lead/taskLeader';
import { Orchestrator } from '../../../src/services/tasks/lead/orchestrator';
import { attentionOfKernel } from '../../support/views/attention';
import { PATIENCE_MS } from '../../support/dispatch/dispatchFixture';
import { TaskFixture } from '../../support/tasks/taskFixture';

describe('a job that fails again and again', function () {
  this.timeout(2 * PATIENCE_MS);
  let fixture: TaskFixture;
  let kernel: ProjectKernel;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
    ({ kernel } = fixture);
  });
  afterEach(() => fixture.close());

  const items = (of = kernel): string[] =>
    attentionOfKernel(of)
      .filter(({ kind }) => kind === 'stageRepeating')
      .map(({ title, reason }) => `${title}: ${reason.replace(/next try .*? UTC([+-]\d\d:\d\d)?/, 'next try T')}`);
  const isShown = (): boolean => items().length > 0;
  const failing = (title: string, problem: string, step = title): string[] => [
    `${title}: ${step} failed after 3 tries, next try T: ${problem}`,
  ];

  it('is shown where it is a round of upkeep, and goes after a round that succeeds', async () => {
    const stop = new AbortController();
    let shown: string[] = [];
    let starts = 0;
    const job = async (succeeded: () => void): Promise<void> => {
      starts += 1;
      if (starts <= 3) throw new Error('The setting cannot be read.');
      shown = items();
      succeeded();
      await fixture.when('cleared', () => !isShown());
      stop.abort();
    };
    await startAgain({ kernel, log: silentLog }, 'tidying', stop.signal, job, 1);
    assert.deepEqual(shown, failing('Upkeep of tasks', 'The setting cannot be read.'));
  });

  it('is shown where agents are not adopted, and goes once they are', async () => {
    let isBroken = true;
    const canRun = (): boolean => {
      if (isBroken) throw new Error('The setting cannot be read.');
      return true;
    };
    const dispatcher = fixture.dispatcher([], { canRun });
    for (let tries = 1; tries <= 3; tries += 1) await assert.rejects(dispatcher.adopt(kernel));
    assert.deepEqual(items(), failing('Adopting agents', 'The setting cannot be read.'));
    isBroken = false;
    await dispatcher.adopt(kernel);
    assert.deepEqual(items(), []);
  });

  it('is shown where a leader cannot compare what runs with what should', async () => {
    // Each look is after the pause that the one before it asked for.
    let nowMs = Date.now();
    const clock = { nowMs: () => (nowMs += 11_000) };
    let isBroken = true;
    const deps = {
      ...fixture.deps(fixture.dispatcher()),
      ports: { ...systemPorts, clock },
      settings: () => {
        if (isBroken) throw new Error('The settings cannot be read.');
        return fixture.settings;
      },
    };
    await fixture.task();
    const stop = new AbortController();
    const leading = new TaskLeader(deps).lead(stop.signal);
    const isReconciling = (): boolean =>
      kernel.read(stageFailures).some(({ stage, tries }) => stage === 'reconcile' && tries >= 3);
    await fixture.when('shown', isReconciling);
    assert.match(
      items().join('\n'),
      /Starting due work failed after \d+ tries, next try T: The settings cannot be read\./,
    );
    isBroken = false;
    await fixture.when('cleared', () => !kernel.read(stageFailures).some(({ stage }) => stage === 'reconcile'));
    stop.abort();
    await leading;
  });

  it('is shown where no program can lead the folder, and goes once one leads', async () => {
    const lock = `${leaderLock(kernel.path)}.lock`;
    await mkdir(lock);
    await writeFile(`${lock}/of-another-program`, '');
    const orchestrator = new Orchestrator(fixture.deps(fixture.dispatcher()));
    orchestrator.start();
    try {
      await fixture.when('shown', isShown);
      assert.match(items().join('\n'), /^Leading the folder: Leading the folder failed after 3 tries, next try T: ./);
      await rm(lock, { recursive: true });
      await fixture.when('cleared', () => !isShown());
    } finally {
      await orchestrator.close();
    }
  });

  describe('of the queue', () => {
    let queue: DispatchQueue;
    let queueOf: (againAfterMs: number) => DispatchQueue;
    let id: string;
    let isBusy = true;

    beforeEach(async () => {
      const dispatcher = fixture.dispatcher();
      const real = kernel.write.bind(kernel);
      await dispatcher.adopt(kernel);
      ({ id } = await dispatcher.queue(kernel, { kind: 'shell', prompt: 'true', name: 'Tidy up' }));
      isBusy = true;
      kernel.write = (unit) =>
        real((u) => {
          const result = unit(u);
          if (isBusy && !isQueued(u, id)) throw new KernelError('DATABASE_BUSY', { path: kernel.path, waitedMs: 0 });
          return result;
        });
      const kernels = { all: () => [kernel], onDidChange: () => NONE, onDidChangeState: () => NONE };
      queueOf = (againAfterMs) =>
        new DispatchQueue({ kernels, dispatcher, log: silentLog, canRun: () => true, againAfterMs });
      queue = queueOf(10);
    });
    afterEach(() => queue.dispose());

    it('is shown for the dispatch that it cannot start, and goes when that starts', async () => {
      queue.wake();
      await fixture.when('shown', isShown);
      assert.match(items().join('\n'), /^Tidy up: Starting queued dispatches failed after 3 tries, next try T: ./);
      const [item] = attentionOfKernel(kernel);
      assert.deepEqual(
        { kind: item?.place.kind, dispatchId: item?.action.args.dispatchId },
        { kind: 'queued', dispatchId: id },
      );
      isBusy = false;
      await fixture.when('started', () => kernel.read((r) => findQueued(r, id)) === undefined);
      await queue.settled();
      assert.deepEqual({ items: items(), stageFailures: kernel.read(stageFailures) }, { items: [], stageFailures: [] });
    });

    it('is not counted in rounds that an event wakes before the next try', async () => {
      await queue.dispose();
      queue = queueOf(60_000);
      for (let round = 1; round <= 4; round += 1) {
        queue.wake();
        await queue.settled();
      }
      assert.deepEqual(
        kernel.read(stageFailures).map(({ tries }) => tries),
        [1],
      );
    });
  });

  it('is shown at once if the record cannot store the failure', async () => {
    const busy = { ...kernelOf(kernel), write: () => Promise.reject(new KernelError('KERNEL_CLOSED', { path: '' })) };
    await noteJobFailure({ kernel: busy, log: silentLog }, { stage: 'adopt' }, new Error('Closed.'), Date.now());
    assert.deepEqual(kernel.unrecorded.list(), [], 'a program that lets go of a record notes nothing');

    const full = () =>
      Promise.reject(
        new KernelError('DATABASE_WRITE_FAILED', {
          path: kernel.path,
          reason: 'disk-full',
          problem: foreignText<string>('ENOSPC'),
        }),
      );
    const deps = { kernel: { ...kernelOf(kernel), write: full }, log: silentLog };
    let fired = 0;
    kernel.unrecorded.onDidChange(() => (fired += 1));
    for (let tries = 1; tries <= 3; tries += 1) {
      await noteJobFailure(deps, { stage: 'adopt' }, new Error('The disk is full.'), Date.now() + 1000);
    }
    assert.deepEqual({ items: items(), fired }, { items: failing('Adopting agents', 'The disk is full.'), fired: 3 });
    await noteJobSuccess(deps, { stage: 'adopt' });
    assert.deepEqual({ items: items(), fired }, { items: [], fired: 4 });
  });

  it('is not shown any more once its program has gone and no other tries it', async () => {
    const long = Date.now() - 3_600_000;
    for (let tries = 1; tries <= 3; tries += 1) {
      await noteJobFailure({ kernel, log: silentLog }, { stage: 'adopt' }, new Error('Busy.'), long);
    }
    assert.deepEqual(items(), []);
  });
});

const NONE = { dispose: () => undefined };

function kernelOf(kernel: ProjectKernel): Pick<ProjectKernel, 'read' | 'write' | 'unrecorded'> {
  return {
    read: (work) => kernel.read(work),
    write: (work) => kernel.write(work),
    unrecorded: kernel.unrecorded,
  };
}
