import assert from 'node:assert/strict';
import { createDispatch } from '../../../src/kernel/dispatch/service';
import { dispatchId, runId as runIdSchema } from '../../../src/kernel/ids';
import { enqueue, findQueued, leaveQueue, listQueued, setQueuedProblem } from '../../../src/kernel/queue/service';
import { createPortfolio } from '../../../src/kernel/portfolio/service';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { createRun } from '../../../src/kernel/run/record/runs';
import { openTestKernel, type TestKernel } from '../../support/records/kernel';
import { refusesWork } from '../../support/hostile/refusals';

describe('the queue of dispatches', () => {
  let kernel: TestKernel;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const idOf = (text: string) => dispatchId.parse(text);
  const request = { kind: 'shell', prompt: { file: '/storage/q/prompt.md' }, timeLimitSec: 60 };
  const queue = (id: string, runId?: string) =>
    kernel.write((u) =>
      enqueue(u, {
        id: idOf(id),
        projectDir: '/p',
        request,
        queuedAtMs: kernel.clock.nowMs(),
        ...(runId === undefined ? {} : { runId: runIdSchema.parse(runId) }),
      }),
    );
  const newRun = () => kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g' })).id;
  const line = () => kernel.read(listQueued).queued.map(({ id }) => id);

  it('keeps the order in which they came, and all options of their start', () => {
    const run = newRun();
    queue('zzzzzzzz');
    queue('aaaaaaaa', run);
    kernel.clock.advance(1);
    queue('bbbbbbbb');
    assert.deepEqual(line(), ['zzzzzzzz', 'aaaaaaaa', 'bbbbbbbb']);
    const found = kernel.read((r) => findQueued(r, 'aaaaaaaa'));
    const queuedAtMs = kernel.clock.nowMs() - 1000;
    assert.deepEqual(found, { id: 'aaaaaaaa', runId: run, projectDir: '/p', request, queuedAtMs, problem: null });
  });

  it('lets one out once, and reports that to the second caller', () => {
    queue('aaaaaaaa');
    kernel.write((u) => leaveQueue(u, 'aaaaaaaa'));
    assert.equal(kernel.touched?.other, true);
    assert.deepEqual(line(), []);
    refusesWork(kernel, 'NOT_FOUND', () => kernel.write((u) => leaveQueue(u, 'aaaaaaaa')));
  });

  it('is left by the dispatches of a run that is cancelled, with a portfolio by those of its children', () => {
    const made = kernel.write((u) => createPortfolio(u, { goal: 'g', projects: ['/p', '/q'] }));
    const [child = assert.fail()] = made.children;
    const [own, other] = [newRun(), newRun()];
    queue('aaaaaaaa', own);
    queue('bbbbbbbb', other);
    queue('cccccccc', child.id);
    queue('dddddddd');
    kernel.write((u) => cancelRun(u, own));
    assert.equal(kernel.touched?.other, true);
    assert.deepEqual(line(), ['bbbbbbbb', 'cccccccc', 'dddddddd']);
    kernel.write((u) => cancelRun(u, made.portfolio.id));
    assert.deepEqual(line(), ['bbbbbbbb', 'dddddddd']);
  });

  it('refuses ids that are taken, runs that are not there and requests that name no agent', () => {
    queue('aaaaaaaa');
    const taken = kernel.write((u) => createDispatch(u, { agentType: 'shell', projectDir: '/p' })).id;
    refusesWork(kernel, 'INVALID_ARGUMENT', () => queue('aaaaaaaa'));
    refusesWork(kernel, 'INVALID_ARGUMENT', () => queue(taken));
    refusesWork(kernel, 'NOT_FOUND', () => queue('cccccccc', 'nowhere1'));
    const nameless = { id: idOf('cccccccc'), projectDir: '/p', request: { ...request, kind: '' }, queuedAtMs: 0 };
    refusesWork(kernel, 'INVALID_ARGUMENT', () => kernel.write((u) => enqueue(u, nameless)));
  });

  it('tells why one could not be started, and touches nothing where that is known', () => {
    queue('aaaaaaaa');
    kernel.write((u) => setQueuedProblem(u, idOf('aaaaaaaa'), 'no such kind'));
    assert.equal(kernel.read((r) => findQueued(r, 'aaaaaaaa'))?.problem, 'no such kind');
    kernel.write((u) => setQueuedProblem(u, idOf('aaaaaaaa'), 'no such kind'));
    assert.equal(kernel.touched?.other, false);
    kernel.write((u) => setQueuedProblem(u, idOf('aaaaaaaa'), null));
    assert.equal(kernel.read((r) => findQueued(r, 'aaaaaaaa'))?.problem, null);
    kernel.write((u) => setQueuedProblem(u, idOf('gone1234'), 'no such row'));
  });

  it('lists rows that cannot be read beside the others, and lets them be removed', () => {
    queue('aaaaaaaa');
    queue('bbbbbbbb');
    kernel.exec("UPDATE queued_dispatches SET request = '{\"kind\":7}' WHERE id = 'aaaaaaaa'");
    const { queued, invalid } = kernel.read(listQueued);
    assert.deepEqual(
      queued.map(({ id }) => id),
      ['bbbbbbbb'],
    );
    assert.deepEqual(
      invalid.map(({ id, column }) => [id, column]),
      [['aaaaaaaa', 'request.kind']],
    );
    kernel.write((u) => leaveQueue(u, 'aaaaaaaa'));
    assert.deepEqual(kernel.read(listQueued).invalid, []);
  });
});
