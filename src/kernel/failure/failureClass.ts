/**
 * Kinds of failure, and what each means for whatever failed: the class decides about counting, retry, hold and *Needs
 * You*, never the caller (`docs/design/failures.md#classes`). Pure.
 */

export const FAILURE_CLASSES = [
  /** What an account may use in hours or a week is used up. It passes at a time. */
  'usageLimit',
  /** Too many requests in a short time. It passes within minutes. */
  'rateLimit',
  /** The service has too much to do. */
  'overload',
  /** The service cannot be reached. */
  'network',
  /** No credential, or one that is not accepted. */
  'signIn',
  /** The service does not accept the model, or the model refuses the request. */
  'modelRefused',
  /** The command line or a setting is wrong: the same call fails in the same way. */
  'badArguments',
  /** The session that it was to continue is gone: the next attempt starts without one. */
  'sessionLost',
  /** The program ended without saying why. */
  'crash',
  /** The program ended well, and what it should have done is not done. */
  'workNotDone',
] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** `afterDelay`: with growing pauses. `atReset`: at the time the service named, else with growing pauses. */
export type FailureRetry = 'never' | 'afterDelay' | 'atReset';

export interface FailurePolicy {
  /** Whether it uses up one of the attempts. */
  readonly isCounted: boolean;
  readonly retry: FailureRetry;
  /** What starts nothing new until it has passed. */
  readonly holds: 'account' | 'nothing';
  /** After how many failures of the class in a row a person must look; null for when no attempt is left. */
  readonly personAfter: number | null;
}

/** An uncounted failure that repeats itself so often needs a person. */
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
