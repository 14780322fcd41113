/** One database whose writers are killed again and again, and what must be true of it after every kill. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { databaseLocation } from '../../../src/host/files/paths';
import { ProjectKernel } from '../../../src/services/record/kernels';
import { testDeps } from '../projects';
import { recorded } from '../records/records';
import { WriterProcess } from '../records/writerProcess';

/** Long enough to reach every step of several saves. */
const LONGEST_LIFE_MS = 60;
/** Leaves the victims room, and keeps the file small. */
const SURVIVOR_PAUSE_MS = 10;

export class KillLane {
  kills = 0;
  private readonly ended: string[] = [];

  private constructor(
    private readonly folder: string,
    private readonly survivor: WriterProcess,
  ) {}

  /** Makes the database, and a process that writes to it all the time. */
  static async open(folder: string): Promise<KillLane> {
    await use(folder, (kernel) => kernel.initialize());
    const survivor = new WriterProcess({ folder, name: 'survivor', pauseMs: SURVIVOR_PAUSE_MS });
    await survivor.acknowledges(1);
    return new KillLane(folder, survivor);
  }

  /** How many writes were acknowledged so far, by all processes together. */
  get acknowledged(): number {
    return this.ended.length + this.survivor.acknowledged.length;
  }

  /**
   * Starts another writer, kills it at a random moment, sees that the survivor gets past whatever it left, and checks
   * that the file opens clean and holds every acknowledged write whole. A write under way may be there or not.
   */
  async killOnce(): Promise<void> {
    const victim = new WriterProcess({
      folder: this.folder,
      name: `victim${this.kills}`,
      together: 1 + (this.kills % 3),
    });
    await victim.acknowledges(1);
    await delay(randomInt(LONGEST_LIFE_MS));
    await this.bury(victim);
    await this.survivor.acknowledges(this.survivor.acknowledged.length + 1);
    assert.equal(this.survivor.failure, undefined);
    await this.check();
  }

  /** Kills the survivor too. */
  async close(): Promise<void> {
    await this.bury(this.survivor);
    this.survivor.acknowledged.length = 0;
    await this.check();
  }

  private async bury(writer: WriterProcess): Promise<void> {
    assert.equal(await writer.kill(), 'SIGKILL', writer.failure);
    this.kills += 1;
    this.ended.push(...writer.acknowledged);
  }

  private async check(): Promise<void> {
    const expected = [...this.ended, ...this.survivor.acknowledged];
    await use(this.folder, async (kernel) => {
      await kernel.load();
      assert.deepEqual(kernel.state, { kind: 'ready' });
      const names = kernel.read(recorded);
      for (const name of expected) assert.ok(names.has(name), `${name} was acknowledged and is lost`);
    });
  }
}

async function use(folder: string, work: (kernel: ProjectKernel) => Promise<void>): Promise<void> {
  const kernel = new ProjectKernel(databaseLocation(folder), testDeps());
  try {
    await work(kernel);
  } finally {
    await kernel.dispose();
  }
}
