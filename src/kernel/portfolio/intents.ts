/**
 * Intents to create a portfolio. A creation changes several databases, which no transaction spans, so its intent is
 * stored first, in the portfolio's database; the transaction that creates the portfolio there deletes it. An intent
 * whose program has died says what to undo (`docs/design/portfolios.md#creation`).
 */
import * as z from 'zod';
import { KernelError } from '../errors/errors';
import { runId, type RunId } from '../ids';
import { runExists } from '../run/record/store';
import { STATE_KEYS } from '../state/keys';
import { deleteState, listState, readState, setState } from '../state/service';
import type { Reader, Unit } from '../unit';
import { deleteUntouchedChild, detachChild } from './store';

const intendedChild = z.strictObject({
  id: runId,
  projectDir: z.string(),
  /** The project had no record before, so its record is removed with the child. */
  isNewRecord: z.boolean(),
});
export type IntendedChild = z.infer<typeof intendedChild>;

/** A process, as identified by `host/process/processIdentity.ts`, and its machine. */
const maker = z.strictObject({ pid: z.int(), startToken: z.string().nullable(), host: z.string() });

const creationIntent = z.strictObject({
  portfolioId: runId,
  children: z.array(intendedChild),
  /** The portfolio's database was created for this portfolio. */
  isNewHome: z.boolean(),
  /** Null if the creating program failed and could not undo everything. */
  maker: maker.nullable(),
  /** Unix seconds. */
  since: z.int(),
});
export type CreationIntent = z.infer<typeof creationIntent>;

export function declareCreation(u: Unit, intent: Omit<CreationIntent, 'since'>): void {
  const payload = JSON.stringify({ ...intent, since: u.now } satisfies CreationIntent);
  setState(u, { key: STATE_KEYS.portfolioCreation, scopeId: intent.portfolioId, payload });
}

/** Creations that have been neither finished nor undone. */
export function pendingCreations(r: Reader): readonly CreationIntent[] {
  return listState(r, STATE_KEYS.portfolioCreation).flatMap(
    ({ scopeId }) => readState(r, STATE_KEYS.portfolioCreation, scopeId, creationIntent) ?? [],
  );
}

/** Ends a creation that was finished or undone. Returns whether it was still pending. */
export function settleCreation(u: Unit, portfolioId: RunId): boolean {
  return deleteState(u, STATE_KEYS.portfolioCreation, portfolioId);
}

/** Lets any program undo the creation. */
export function abandonCreation(u: Unit, portfolioId: RunId): void {
  const intent = readState(u, STATE_KEYS.portfolioCreation, portfolioId, creationIntent);
  if (intent !== undefined) declareCreation(u, { ...intent, maker: null });
}

/** @throws KernelError `STALE` where another program has undone the creation meanwhile. */
export function finishCreation(u: Unit, portfolioId: RunId): void {
  if (settleCreation(u, portfolioId)) return;
  throw new KernelError('STALE', {
    what: 'creation of portfolio',
    id: portfolioId,
    expected: 'under way',
    found: 'undone',
  });
}

/** Whether a project's own database holds a child to undo. */
export function holdsChild(r: Reader, id: RunId): boolean {
  return runExists(r, id);
}

/**
 * Removes the run of an unfinished portfolio from its project's own database. Harmless if it is gone. A run with work
 * stays, without a portfolio.
 */
export function removeCreatedChild(u: Unit, portfolioId: RunId, id: RunId): void {
  if (deleteUntouchedChild(u, portfolioId, id) + detachChild(u, portfolioId, id) > 0) u.touched.run(id);
}
