/**
 * Reliability by force (`docs/design/architecture.md#bars`): processes that write at once, and processes that are
 * killed while they write.
 */
import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { SAVE_STEPS, type SaveStep } from '../../../src/host/image/imageFile';
import { KillLane } from '../../support/tasks/killLane';
import { inLong, itLong, itLongIf } from '../../support/long';
import { Projects } from '../../support/projects';
import { record, recorded } from '../../support/records/records';
import { WriterProcess } from '../../support/records/writerProcess';

const LANES = 2;
const KILLS = inLong(4, 40);
/** By each of four processes. */
const WRITES = inLong(8, 250);
/** By each of two processes, in bursts of 25. */
const BURST_WRITES = inLong(50, 250);
/** A busy machine does fewer kills rather than take forever. `bench/torture.ts` does hundreds. */
const LONGEST_KILLING_MS = 30_000;
/** In every run: before anything is on disk, the last step before the write counts, and the first after. */
const ALWAYS: readonly SaveStep[] = ['locked', 'held', 'renamed'];

describe('durability across processes', () => {
  const projects = Projects.ofSuite();

  it(`loses no write of four processes that write ${WRITES} records each at once`, async function () {
    this.timeout(300_000);
    const { folder } = await projects.create();
    const writers = ['a', 'b', 'c', 'd'].map((name) => new WriterProcess({ folder, name, count: WRITES }));
    const codes = await Promise.all(writers.map((writer) => writer.ended));
    assert.deepEqual(codes, [0, 0, 0, 0], writers.map((writer) => writer.failure).join());
    const reader = await projects.open(folder);
    const expected = new Set(writers.flatMap((writer) => writer.acknowledged));
    assert.equal(expected.size, 4 * WRITES);
    assert.deepEqual(reader.read(recorded), expected);
  });

  itLong('loses no batch of two processes that write in bursts', async function () {
    this.timeout(120_000);
    const { folder } = await projects.create();
    const writers = ['a', 'b'].map((name) => new WriterProcess({ folder, name, count: BURST_WRITES, together: 25 }));
    const codes = await Promise.all(writers.map((writer) => writer.ended));
    assert.deepEqual(codes, [0, 0], writers.map((writer) => writer.failure).join());
    const reader = await projects.open(folder);
    assert.equal(reader.read(recorded).size, 2 * BURST_WRITES);
  });

  itLong('keeps every acknowledged write of processes killed at random moments', async function () {
    this.timeout(300_000);
    const deadline = performance.now() + LONGEST_KILLING_MS;
    const lanes = await Promise.all(Array.from({ length: LANES }, async () => KillLane.open(await projects.folder())));
    await Promise.all(
      lanes.map(async (lane) => {
        while (lane.kills < KILLS / LANES && performance.now() < deadline) await lane.killOnce();
        await lane.close();
      }),
    );
    for (const lane of lanes) assert.ok(lane.kills > 1);
  });

  /** From the rename on, the write is there, although its caller never heard. */
  const present = (step: SaveStep): boolean => step === 'renamed' || step === 'saved';

  for (const step of SAVE_STEPS) {
    const outcome = present(step) ? 'keeps' : 'undoes';
    itLongIf(!ALWAYS.includes(step))(
      `${outcome} a write whose process is killed when it is ${step}, and lets others continue`,
      async function () {
        this.timeout(60_000);
        const survivor = await projects.create();
        const { folder } = survivor;
        const writer = new WriterProcess({ folder, name: 'w', count: 2, dieAt: { step, save: 2 } });
        assert.equal(await writer.ended, 'SIGKILL');
        assert.deepEqual(writer.acknowledged, ['w-0']);
        await survivor.write((u) => record(u, 'survivor'));
        const expected = new Set(['w-0', 'survivor', ...(present(step) ? ['w-1'] : [])]);
        assert.deepEqual(survivor.read(recorded), expected);
        assert.deepEqual((await projects.open(folder)).read(recorded), expected);
        assert.deepEqual((await readdir(path.dirname(survivor.path))).sort(), ['.gitignore', 'intercore.db']);
        assert.equal((await stat(survivor.path)).mode & 0o777, 0o600);
      },
    );
  }
});
