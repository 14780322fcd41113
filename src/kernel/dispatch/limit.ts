/** The limit of active dispatches of a portfolio's children (`docs/design/portfolios.md#limits`). Pure. */
import { KernelError } from '../errors/errors';
import { projectNames } from '../text/projectNames';

/** A project with active dispatches for a child run. */
export interface SlotHolder {
  readonly projectDir: string;
  readonly active: number;
}

export interface SlotLimit {
  readonly portfolioId: string;
  /** Active dispatches allowed over all children; 0 for any number. */
  readonly limit: number;
}

/**
 * Refuses another dispatch where the limit is reached.
 * @throws KernelError `DISPATCH_LIMIT`, which names the projects that use the slots.
 */
export function refuseBeyond({ portfolioId, limit }: SlotLimit, holders: readonly SlotHolder[]): void {
  const active = holders.reduce((sum, holder) => sum + holder.active, 0);
  if (limit <= 0 || active < limit) return;
  throw new KernelError('DISPATCH_LIMIT', { portfolioId, active, limit, holders: holdersText(holders) });
}

/** Codes of refusals that pass when other dispatches end or limits are raised. */
const LIMIT_CODES = [
  ...(['DISPATCH_LIMIT', 'RUN_BUDGET', 'PORTFOLIO_BUDGET', 'TOO_MANY_DISPATCHES'] as const),
  ...(['ACCOUNT_HELD', 'ACCOUNT_STOPPED'] as const),
] as const;
export type LimitCode = (typeof LIMIT_CODES)[number];

/** Whether a start failed because of a limit, so that the dispatch can be queued. */
export function isLimit(error: unknown): error is KernelError<LimitCode> {
  return LIMIT_CODES.some((code) => KernelError.is(error, code));
}

/** `parcel-api 1, parcel-web 2`: folder names, and whole paths where two folders have the same name. */
export function holdersText(holders: readonly SlotHolder[]): string {
  const counts = new Map<string, number>();
  for (const { projectDir, active } of holders) counts.set(projectDir, (counts.get(projectDir) ?? 0) + active);
  const nameOf = projectNames(counts.keys());
  return [...counts]
    .filter(([, active]) => active > 0)
    .map(([projectDir, active]) => `${nameOf(projectDir)} ${active}`)
    .join(', ');
}
