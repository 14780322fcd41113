/** Runs at a phase, and what the gate of their next transition says. */
import type { GateReport } from '../../../src/kernel/gate/model';
import { checkGate, type CheckGateOptions } from '../../../src/kernel/gate/service';
import type { CreateRunInput } from '../../../src/kernel/run/record/model';
import { createRun } from '../../../src/kernel/run/record/runs';
import type { TestKernel } from '../records/kernel';

/** A run that is in the phase. */
export function runAt(kernel: TestKernel, phase: string, input: Partial<CreateRunInput> = {}): string {
  const { id } = kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g', ...input }));
  kernel.exec(`UPDATE runs SET phase = '${phase}' WHERE id = '${id}'`);
  return id;
}

/** The report of the hard gate, unless the options say otherwise. */
export function check(kernel: TestKernel, id: string, options: Partial<CheckGateOptions> = {}): GateReport {
  return kernel.read((r) => checkGate(r, id, { tier: 'hard', ...options }));
}
