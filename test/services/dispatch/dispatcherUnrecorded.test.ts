/** An agent whose process or whose end cannot be written down: since the disk is full, or another program leads meanwhile. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { activeDispatches, dispatchEvents, dispatchProcess, endDispatch } from '../../../src/kernel/dispatch/service';
import { KernelError } from '../../../src/kernel/errors/errors';
import { proven, readExit, readStarted } from '../../../src/host/launcher/launchRecord';
import { isRunning } from '../../../src/host/process/processIdentity';
import { recordRunning } from '../../../src/services/dispatch/start/dispatchStart';
import { filesOfDispatch } from '../../support/dispatch/ownFiles';
import { withinFence } from '../../../src/host/locks/fence';
import { databaseLocation } from '../../../src/host/files/paths';
import { ProjectKernel } from '../../../src/services/record/kernels';
import { Disk } from '../../support/hostile/disk';
import { shell, Stage } from '../../support/dispatch/dispatchFixture';
import { testDeps } from '../../support/projects';
import { until } from '../../support/until';

describe('an agent that two programs record', function () {
  this.timeout(60_000);
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.open();
  });
  afterEach(() => stage.close());

  it('works on, where the one that started it comes first', async () => {
    const kernel = await stage.kernel();
    const dispatcher = stage.dispatcher();
    const { id } = await dispatcher.start(kernel, shell('sleep 1; exit 3'));
    const started = proven(await readStarted(await filesOfDispatch(stage.storage, id))) ?? assert.fail();
    const other = await stage.kernel();
    await other.refresh();
    const files = await filesOfDispatch(stage.storage, id);
    const recorded = await recordRunning({}, other, id, files, started);
    assert.equal(recorded.status, 'running');
    const ended = await dispatcher.wait(kernel, id, AbortSignal.timeout(60_000));
    assert.equal(ended.exitCode, 3);
  });

  it('works on, with what either of them knows of it', async () => {
    const kernel = await stage.kernel();
    const other = await stage.kernel();
    const second = stage.dispatcher();
    const starter = stage.dispatcher({ graceMs: () => 500 });
    const { id } = await starter.start(kernel, shell('sleep 1; exit 3'));
    const files = await filesOfDispatch(stage.storage, id);
    const started = proven(await readStarted(files)) ?? assert.fail();
    await other.refresh();
    await recordRunning({}, other, id, files, { ...started, account: 'another', permissions: 'askAll' });
    await second.adopt(other);
    const { account, permissions } = other.read((r) => dispatchProcess(r, id)) ?? assert.fail();
    assert.notEqual(account, 'another', 'the first stays');
    assert.equal(permissions, 'askAll');
    const ended = await starter.wait(kernel, id, AbortSignal.timeout(60_000));
    assert.equal(ended.exitCode, 3);
  });

  it('has its start and its ending, where it ended before the one that started it came', async () => {
    const kernel = await stage.kernel();
    const write = kernel.write.bind(kernel);
    let writes = 0;
    kernel.write = async (change) => {
      writes += 1;
      // The dispatch has been recorded; its process is about to be.
      if (writes === 2) await recordEndingElsewhere();
      return await write(change);
    };
    const recordEndingElsewhere = async (): Promise<void> => {
      const other = await stage.kernel();
      const [{ id } = assert.fail()] = other.read((r) => activeDispatches(r));
      const files = await filesOfDispatch(stage.storage, id);
      await until(
        () => readExit(files),
        (exit) => proven(exit) !== undefined,
      );
      assert.deepEqual((await stage.dispatcher().adopt(other)).settled, [id]);
    };
    const { id, status, exitCode, pid } = await stage.dispatcher().start(kernel, shell('exit 3'));
    assert.deepEqual({ writes, status, exitCode }, { writes: 2, status: 'failed', exitCode: 3 });
    assert.equal(kernel.read((r) => dispatchProcess(r, id))?.cwd, stage.project);
    assert.equal(typeof pid, 'number');
    const moves = kernel
      .read((r) => dispatchEvents(r, id))
      .map(({ fromStatus, toStatus }) => `${fromStatus} ${toStatus}`);
    assert.deepEqual(moves, ['spawned running', 'running failed']);
  });

  it('is ended, where it was ended in the record meanwhile', async () => {
    const kernel = await stage.kernel();
    const { id } = await stage.dispatcher().start(kernel, shell('exec sleep 600'));
    const files = await filesOfDispatch(stage.storage, id);
    const started = proven(await readStarted(files)) ?? assert.fail();
    const other = await stage.kernel();
    await other.refresh();
    await other.write((u) => endDispatch(u, id, { status: 'cancelled' }));
    const recorded = await recordRunning({ graceMs: () => 500 }, other, id, files, started);
    assert.equal(recorded.status, 'cancelled');
    assert.equal(await isRunning(started.launcher), false);
  });
});

describe('an agent that cannot be recorded', function () {
  this.timeout(120_000);
  let stage: Stage;
  let disk: Disk | undefined;
  let kernel: ProjectKernel;
  beforeEach(async () => {
    stage = await Stage.open();
  });
  afterEach(async () => {
    await kernel.dispose();
    disk?.unmount();
    disk = undefined;
    await stage.close();
  });

  it('is ended, and its dispatch is no longer active as soon as that can be stored', async function () {
    const folder = path.join(stage.project, '.clavain');
    disk = Disk.mount(folder) ?? this.skip();
    const filler = path.join(folder, 'filler');
    let saves = 0;
    kernel = new ProjectKernel(
      databaseLocation(stage.project),
      testDeps({
        onStep: (step) => {
          if (step === 'locked') saves += 1;
          // The dispatch has been recorded; its process is about to be.
          if (step === 'locked' && saves === 2) writeFileSync(filler, Buffer.alloc(1 << 19));
        },
      }),
    );
    await kernel.initialize();
    saves = 0;
    const dispatcher = stage.dispatcher();
    const start = dispatcher.start(kernel, shell('exec sleep 600'));
    await assert.rejects(start, (error) => KernelError.is(error, 'DATABASE_WRITE_FAILED'));
    const [left] = kernel.read((r) => activeDispatches(r));
    assert.equal(left?.status, 'spawned');
    await rm(filler);
    const ended = await dispatcher.wait(kernel, left.id, AbortSignal.timeout(60_000));
    // Its process is recorded with its ending.
    assert.deepEqual({ status: ended.status, pid: typeof ended.pid }, { status: 'failed', pid: 'number' });
  });

  it('works on for the next leader where its own has slept past its lease', async () => {
    let saves = 0;
    kernel = new ProjectKernel(
      databaseLocation(stage.project),
      testDeps({
        onStep: (step) => {
          if (step === 'locked') saves += 1;
        },
      }),
    );
    await kernel.initialize();
    saves = 0;
    const check = (): void => {
      if (saves >= 2) throw new KernelError('LEAD_LOST', { folder: stage.project });
    };
    const start = withinFence(check, () => stage.dispatcher().start(kernel, shell('sleep 1; exit 3')));
    await assert.rejects(start, (error) => KernelError.is(error, 'LEAD_LOST'));
    const [left] = kernel.read((r) => activeDispatches(r));
    assert.equal(left?.status, 'spawned');
    const next = stage.dispatcher();
    await next.adopt(kernel);
    const ended = await next.wait(kernel, left.id, AbortSignal.timeout(60_000));
    assert.deepEqual({ status: ended.status, exitCode: ended.exitCode }, { status: 'failed', exitCode: 3 });
  });
});
