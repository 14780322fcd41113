import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { databaseLocation } from '../../../src/host/files/paths';
import { KernelError } from '../../../src/kernel/errors/errors';
import { tierForPriority } from '../../../src/kernel/gate/service';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { skipPhase } from '../../../src/kernel/run/skip';
import { rollbackRun } from '../../../src/kernel/run/rollback';
import { advanceRun } from '../../../src/kernel/run/advance';
import { overrideGate } from '../../../src/kernel/run/override';
import { createRun, setRun } from '../../../src/kernel/run/record/runs';
import { addArtifact } from '../../../src/kernel/tracking/service';
import type { Reader, Unit } from '../../../src/kernel/unit';
import { ProjectKernel } from '../../../src/services/record/kernels';
import { ic } from '../../support/ic/ic';
import { inLong } from '../../support/long';
import { testDeps } from '../../support/projects';

/** One command on the only run: as words for `ic`, and as an operation of the kernel. */
interface Step {
  readonly words: readonly string[];
  readonly apply: (u: Unit, run: string) => unknown;
}

const PHASES = ['brainstorm', 'brainstorm-reviewed', 'strategized', 'planned', 'executing'];
const phase = fc.constantFrom(...PHASES);

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom(0, 3, 4).map((priority) => ({
    words: ['run', 'advance', 'RUN', `--priority=${priority}`],
    apply: (u: Unit, run: string) => advanceRun(u, run, { tier: tierForPriority(priority) }),
  })),
  phase.map((name) => ({
    words: ['run', 'skip', 'RUN', name, '--reason=r'],
    apply: (u: Unit, run: string) => skipPhase(u, run, { phase: name, reason: 'r' }),
  })),
  phase.map((name) => ({
    words: ['run', 'rollback', 'RUN', `--to-phase=${name}`],
    apply: (u: Unit, run: string) => rollbackRun(u, run, { toPhase: name }),
  })),
  phase.map((name) => ({
    words: ['run', 'artifact', 'add', 'RUN', `--phase=${name}`, '--path=none'],
    apply: (u: Unit, run: string) => addArtifact(u, { runId: run, phase: name, path: 'none' }),
  })),
  fc.boolean().map((on) => ({
    words: ['run', 'set', 'RUN', `--auto-advance=${String(on)}`],
    apply: (u: Unit, run: string) => setRun(u, run, { autoAdvance: on }),
  })),
  fc.constant({
    words: ['gate', 'override', 'RUN', '--reason=r'],
    apply: (u: Unit, run: string) => overrideGate(u, run, { reason: 'r' }),
  }),
  fc.constant({ words: ['run', 'cancel', 'RUN'], apply: (u: Unit, run: string) => cancelRun(u, run) }),
);

const TABLES = ['runs', 'phase_events', 'run_artifacts', 'run_agents', 'dispatches', 'state'];

/** All rows, with ids and folders replaced by stable names, and without times. */
function rowsOf(r: Reader, run: string, folder: string): unknown {
  return TABLES.map((table) =>
    r.db.rows(`SELECT * FROM ${table} ORDER BY rowid`, []).map((row) =>
      Object.entries(row)
        .filter(([column]) => !column.endsWith('_at') && !(table === 'run_artifacts' && column === 'id'))
        .map(([column, value]) => [column, value === run ? 'RUN' : value === folder ? 'FOLDER' : value]),
    ),
  );
}

async function kernelIn(folder: string): Promise<ProjectKernel> {
  const kernel = new ProjectKernel(databaseLocation(folder), testDeps());
  await kernel.load();
  return kernel;
}

async function throughIc(folder: string, steps: readonly Step[]): Promise<unknown> {
  await ic(['init'], { cwd: folder });
  const run = (await ic(['run', 'create', '--goal=g'], { cwd: folder })).stdout.trim();
  for (const { words } of steps) {
    await ic(
      words.map((word) => (word === 'RUN' ? run : word)),
      { cwd: folder },
    );
  }
  const kernel = await kernelIn(folder);
  const rows = kernel.read((r) => rowsOf(r, run, folder));
  await kernel.dispose();
  return rows;
}

async function throughKernel(folder: string, steps: readonly Step[]): Promise<unknown> {
  const kernel = await kernelIn(folder);
  await kernel.initialize();
  const run = await kernel.write((u) => createRun(u, { projectDir: folder, goal: 'g' }).id);
  for (const { apply } of steps) {
    await kernel
      .write((u) => {
        apply(u, run);
      })
      .catch((error: unknown) => {
        if (!(error instanceof KernelError)) throw error;
      });
  }
  const rows = kernel.read((r) => rowsOf(r, run, folder));
  await kernel.dispose();
  return rows;
}

describe('ic and the kernel in this process', function () {
  this.timeout(240_000);

  it('write the same rows for any sequence of commands', () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 7 }), async (steps) => {
        const base = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-same-')));
        try {
          const [a, b] = [await mkdtemp(path.join(base, 'a-')), await mkdtemp(path.join(base, 'b-'))];
          const [one, other] = await Promise.all([throughIc(a, steps), throughKernel(b, steps)]);
          assert.deepEqual(one, other);
        } finally {
          await rm(base, { recursive: true, force: true });
        }
      }),
      { numRuns: inLong(2, 8), endOnFailure: true },
    ));
});
