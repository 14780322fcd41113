/** Runs work in steps without turns for other work. */
import type { Steps } from '../../../src/host/turns';

export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
