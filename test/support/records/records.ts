/** Writes whose loss, doubling or tearing shows: each is two rows and one step of a shared counter. */
import assert from 'node:assert/strict';
import * as z from 'zod';
import { createRun } from '../../../src/kernel/run/record/runs';
import { listRuns } from '../../../src/kernel/run/record/queries';
import { listState, readState, setState } from '../../../src/kernel/state/service';
import type { Reader, Unit } from '../../../src/kernel/unit';
import type { ProjectKernel } from '../../../src/services/record/kernels';

const RECORD = 'test.record';
const COUNTER = 'test.counter';

/** Records `name`, which must not be recorded yet. */
export function record(u: Unit, name: string): void {
  assert.equal(readState(u, RECORD, name, z.string()), undefined, `${name} was recorded twice`);
  createRun(u, { projectDir: '/project', goal: name, scopeId: name });
  setState(u, { key: COUNTER, scopeId: 'all', payload: JSON.stringify(counted(u) + 1) });
  setState(u, { key: RECORD, scopeId: name, payload: JSON.stringify(name) });
}

/** Records `name` in a write of its own. */
export function writes(kernel: ProjectKernel, name: string): Promise<void> {
  return kernel.write((u) => record(u, name));
}

/** The names recorded, in no order. Fails where a record is not whole or the counter missed one. */
export function recorded(r: Reader): Set<string> {
  const names = new Set(listState(r, RECORD).map((entry) => entry.scopeId));
  const { runs, invalid } = listRuns(r);
  assert.deepEqual(invalid, []);
  assert.deepEqual(new Set(runs.map((run) => run.goal)), names);
  assert.equal(runs.length, names.size);
  assert.equal(counted(r), names.size);
  return names;
}

function counted(r: Reader): number {
  return readState(r, COUNTER, 'all', z.int()) ?? 0;
}
