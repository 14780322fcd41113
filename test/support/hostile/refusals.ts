/** Shows that a refused command fails with one typed error and changes nothing. */
import assert from 'node:assert/strict';
import { KernelError, type ErrorCode, type ErrorFacts } from '../../../src/kernel/errors/errors';
import type { Unit } from '../../../src/kernel/unit';
import { dumpDatabase, type TestKernel } from '../records/kernel';

/** Gives the facts of the refusal. */
export function refuses<C extends ErrorCode>(
  kernel: TestKernel,
  code: C,
  command: (unit: Unit) => unknown,
): ErrorFacts[C] {
  const before = dumpDatabase(kernel.kernel);
  const facts = refusal(kernel, code, command);
  assert.deepEqual(dumpDatabase(kernel.kernel), before);
  assert.equal(kernel.touched?.runs.size, 0);
  return facts;
}

function refusal<C extends ErrorCode>(kernel: TestKernel, code: C, command: (unit: Unit) => unknown): ErrorFacts[C] {
  try {
    kernel.write((u) => void command(u));
  } catch (error) {
    if (KernelError.is(error, code)) return error.facts;
    throw error;
  }
  assert.fail(`expected ${code}`);
}

/** The same for any work on the kernel, reading too. */
export function refusesWork(kernel: TestKernel, code: string, work: () => unknown): void {
  const before = dumpDatabase(kernel.kernel);
  assert.throws(work, { code });
  assert.deepEqual(dumpDatabase(kernel.kernel), before);
}
