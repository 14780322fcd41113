/**
 * Classes of failures. The class decides about counting, retry, hold and *Needs You*, never the caller
 * (`docs/design/failures.md#classes`). Pure.
 */

export const FAILURE_CLASSES = [
  /** The usage allowance of an account, for hours or a week, is used up. It passes at a known time. */
  'usageLimit',
  /** Too many requests in a short time. It passes within minutes. */
  'rateLimit',
  /** The service is overloaded. */
  'overload',
  /** The service cannot be reached. */
  'network',
  /** The credential is missing or not accepted. */
  'signIn',
  /** The service does not accept the model, or the model refuses the request. */
  'modelRefused',
  /** The command line or a setting is wrong: the same call fails in the same way. */
  'badArguments',
  /** The session to continue is gone: the next attempt starts without one. */
  'sessionLost',
  /** The program ended without a reason. */
  'crash',
  /** The program ended successfully, but the work is not done. */
  'workNotDone',
] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** `afterDelay`: with growing pauses. `atReset`: at the time that the service reported, else with growing pauses. */
export type FailureRetry = 'never' | 'afterDelay' | 'atReset';

export interface FailurePolicy {
  /** Whether it uses up one of the attempts. */
  readonly isCounted: boolean;
  readonly retry: FailureRetry;
  /** What is held until the failure has passed. */
  readonly holds: 'account' | 'nothing';
  /** After how many consecutive failures of the class a person is needed; null: when no attempt is left. */
  readonly personAfter: number | null;
}

/** A person is needed after this many repetitions of an uncounted failure. */
export const REPEATS_FOR_PERSON = 3;

export const FAILURE_POLICIES: Readonly<Record<FailureClass, FailurePolicy>> = {
  usageLimit: { isCounted: false, retry: 'atReset', holds: 'account', personAfter: null },
  rateLimit: { isCounted: false, retry: 'atReset', holds: 'account', personAfter: null },
  overload: { isCounted: false, retry: 'afterDelay', holds: 'nothing', personAfter: REPEATS_FOR_PERSON },
  network: { isCounted: false, retry: 'afterDelay', holds: 'nothing', personAfter: REPEATS_FOR_PERSON },
  signIn: { isCounted: false, retry: 'never', holds: 'nothing', personAfter: 1 },
  modelRefused: { isCounted: false, retry: 'never', holds: 'nothing', personAfter: 1 },
  badArguments: { isCounted: false, retry: 'never', holds: 'nothing', personAfter: 1 },
  sessionLost: { isCounted: false, retry: 'afterDelay', holds: 'nothing', personAfter: null },
  crash: { isCounted: true, retry: 'afterDelay', holds: 'nothing', personAfter: null },
  workNotDone: { isCounted: true, retry: 'afterDelay', holds: 'nothing', personAfter: null },
};
