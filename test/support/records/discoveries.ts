/** Discoveries of a kernel in memory. */
import type { Discovery, PromoteOutcome, SubmitDiscoveryInput } from '../../../src/kernel/discovery/model';
import {
  dismissDiscovery,
  getDiscovery,
  promoteDiscovery,
  scoreDiscovery,
  submitDiscovery,
} from '../../../src/kernel/discovery/service';
import type { KernelEvent } from '../../../src/kernel/events/model';
import { listEvents } from '../../../src/kernel/events/service';
import type { TestKernel } from './kernel';
import { refusesWork } from '../hostile/refusals';
import { defined } from '../../../src/kernel/defined';

/** An embedding: little-endian floats of four bytes. */
export function floats(...values: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, n) => view.setFloat32(n * 4, value, true));
  return new Uint8Array(view.buffer);
}

/** What tests do with discoveries, each in a transaction of its own on the kernel of that moment. */
export function discoveryVerbs(kernel: () => TestKernel) {
  let submitted = 0;
  const events = (): KernelEvent[] => kernel().read((r) => listEvents(r));
  return {
    submit: (input: Partial<SubmitDiscoveryInput> = {}): Discovery => {
      submitted += 1;
      const facts = { source: 'arxiv', sourceId: `s${submitted}`, title: 'A <title>', ...input };
      return kernel().write((u) => submitDiscovery(u, facts)).discovery;
    },
    get: (id: string): Discovery => kernel().read((r) => getDiscovery(r, id)),
    score: (id: string, value: number): Discovery => kernel().write((u) => scoreDiscovery(u, id, value)),
    promote: (id: string, force?: boolean): PromoteOutcome =>
      kernel().write((u) => promoteDiscovery(u, id, { beadId: 'bd-1', ...defined({ force }) })),
    dismiss: (id: string): Discovery => kernel().write((u) => dismissDiscovery(u, id)),
    events,
    lastEvent: (): unknown[] => {
      const event = events().at(-1);
      return [event?.type, event?.runId, event?.fromState, event?.toState, event?.reason];
    },
    refuses: (work: () => unknown, code: string): void => {
      refusesWork(kernel(), code, work);
    },
  };
}
