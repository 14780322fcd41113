/** What dispatches count for in a budget. Pure. Unreported usage is never zero. */
import type { Measure, MeasureUse, Usage, ReservationState } from './model';

export interface DispatchUse {
  /** Whether it is or may be running. */
  readonly isActive: boolean;
  /** Undefined for a dispatch of another program. */
  readonly reservation: (Readonly<Record<Measure, number>> & { readonly state: ReservationState }) | undefined;
  /** What has been reported so far; null where nothing has. */
  readonly reported: Readonly<Record<Measure, number | null>>;
}

const NOTHING: MeasureUse = { used: 0, reserved: 0, estimated: 0, unknown: 0 };
export const NO_USAGE: Usage = { tokens: NOTHING, cost: NOTHING };

/** Ended dispatches that differ in their amounts alone, with the sums of these, or one that is active. */
export interface UseGroup {
  readonly use: DispatchUse;
  readonly count: number;
}

export function usageOf(groups: readonly UseGroup[]): Usage {
  return groups.map(useOfGroup).reduce(plusUsage, NO_USAGE);
}

/** Each ended dispatch counts on its own, so that sums count like all of them together. */
function useOfGroup({ use, count }: UseGroup): Usage {
  const { tokens, cost } = useOfDispatch(use);
  return {
    tokens: { ...tokens, unknown: tokens.unknown * count },
    cost: { ...cost, unknown: cost.unknown * count },
  };
}

export function useOfDispatch(dispatch: DispatchUse): Usage {
  return { tokens: useOf(dispatch, 'tokens'), cost: useOf(dispatch, 'cost') };
}

export function plusUsage(one: Usage, other: Usage): Usage {
  return { tokens: plus(one.tokens, other.tokens), cost: plus(one.cost, other.cost) };
}

/** Used and reserved: not available to others. */
export function committed({ used, reserved }: MeasureUse): number {
  return used + reserved;
}

function useOf({ isActive, reservation, reported }: DispatchUse, measure: Measure): MeasureUse {
  const known = reported[measure];
  const held = reservation?.[measure];
  if (isActive) return { ...NOTHING, used: known ?? 0, reserved: Math.max(0, (held ?? 0) - (known ?? 0)) };
  if (known !== null) return { ...NOTHING, used: known };
  if (reservation?.state === 'released') return NOTHING;
  return { ...NOTHING, used: held ?? 0, estimated: held ?? 0, unknown: 1 };
}

function plus(one: MeasureUse, other: MeasureUse): MeasureUse {
  return {
    used: one.used + other.used,
    reserved: one.reserved + other.reserved,
    estimated: one.estimated + other.estimated,
    unknown: one.unknown + other.unknown,
  };
}
