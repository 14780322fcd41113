/** The gate of a portfolio, judged by the current snapshot of its children (`docs/design/portfolios.md#authority`). */
import { KernelError } from '../../kernel/errors/errors';
import type { GateReport, GateTier } from '../../kernel/gate/model';
import { checkGate } from '../../kernel/gate/service';
import type { RunId } from '../../kernel/ids';
import type { PortfolioSnapshot } from './home/model';
import type { PortfolioRecords } from './relay/childReadings';
import { problemOfChild } from './snapshot/snapshot';

/**
 * Judges children by their mirrors, or as unreadable. Gives the error if the gate cannot be judged, as for an ended
 * run.
 */
export function portfolioGate(
  { kernel }: Pick<PortfolioRecords, 'kernel'>,
  { run, children }: PortfolioSnapshot,
  tier: GateTier,
): GateReport | KernelError {
  const unreadable = new Map<RunId, KernelError>();
  for (const child of children) {
    const problem = problemOfChild(child);
    if (problem !== undefined) unreadable.set(child.run.id, problem);
  }
  try {
    return kernel.read((r) => checkGate(r, run.id, { tier, applySkips: true, unreadable }));
  } catch (error) {
    if (error instanceof KernelError) return error;
    throw error;
  }
}
