/**
 * Overrides that an agent or a script requests from a person. Stored as state, which every Intercore program can read;
 * an event of our own type would be relayed to portfolios as an advance of the run (`docs/design/portfolios.md#relay`).
 */
import * as z from 'zod';
import type { RunId } from '../ids';
import { nonBlank, parseInput } from '../input';
import { nextStatus } from '../run/record/machine';
import type { Run } from '../run/record/model';
import { getRun } from '../run/record/queries';
import { phaseAfter } from '../run/record/chain';
import { STATE_KEYS } from '../state/keys';
import { readState, setState } from '../state/service';
import type { Reader, Unit } from '../unit';
import { selectLastMove } from './store';

/** A pending request for an override. */
export interface OverrideRequest {
  readonly runId: RunId;
  /** The phase whose gate to override. */
  readonly phase: string;
  readonly reason: string;
  /** Who requests it; null if not given. */
  readonly actor: string | null;
  /** Unix seconds. */
  readonly askedAt: number;
}

const askInput = z.strictObject({ reason: nonBlank.max(10_000), actor: nonBlank.max(200).optional() });
export type AskOverrideInput = z.input<typeof askInput>;

/** `afterEvent`: the event of the run's last move before the request; a later move settles the request. */
const stored = z.object({
  phase: z.string(),
  reason: z.string(),
  actor: z.string().nullable(),
  askedAt: z.int(),
  afterEvent: z.int(),
});

/**
 * Requests an override of the run's next gate, replacing an earlier request. It is pending until the run moves.
 * @throws KernelError `INVALID_ARGUMENT`, `NOT_FOUND`, `RUN_TERMINAL`, `PHASE_TERMINAL`, `PHASE_NOT_IN_CHAIN`.
 */
export function askOverride(u: Unit, id: string, input: AskOverrideInput): OverrideRequest {
  const { reason, actor } = parseInput(askInput, input);
  const run = getRun(u, id);
  nextStatus(run, 'advance');
  phaseAfter(run);
  const request = { phase: run.phase, reason, actor: actor ?? null, askedAt: u.now };
  const payload = JSON.stringify({ ...request, afterEvent: selectLastMove(u, run.id) });
  setState(u, { key: STATE_KEYS.overrideAsked, scopeId: run.id, payload });
  u.touched.run(run.id);
  return { runId: run.id, ...request };
}

/** The pending request of the run, which has not moved since. Its gate may pass by now. */
export function openOverrideRequest(r: Reader, run: Run): OverrideRequest | undefined {
  const found = readState(r, STATE_KEYS.overrideAsked, run.id, stored);
  if (found === undefined || run.status !== 'active' || found.phase !== run.phase) return undefined;
  const { afterEvent, ...request } = found;
  return selectLastMove(r, run.id) > afterEvent ? undefined : { runId: run.id, ...request };
}
