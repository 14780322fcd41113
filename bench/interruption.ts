/**
 * A measurement that starts agents ends them, even if it is interrupted itself: agents outlive the process that starts
 * them.
 */
import os from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `work` and then `end`; `end` alone, once, where this process is interrupted or its parent goes away, which ends
 * the process.
 */
export async function endingAlways<T>(work: () => Promise<T>, end: () => Promise<void>): Promise<T> {
  let ending: Promise<void> | undefined;
  const endOnce = (): Promise<void> => (ending ??= end());
  const endWith = (code: number): void => void endOnce().finally(() => process.exit(code));
  const onSignal = (signal: NodeJS.Signals): void => endWith(128 + os.constants.signals[signal]);
  const onDisconnect = (): void => endWith(0);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('disconnect', onDisconnect);
  try {
    return await work();
  } finally {
    process.off('disconnect', onDisconnect);
    await endOnce();
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}
