/** Dispatches of a kernel in memory, and the dispatcher's reports about a running process. */
import type { CreateDispatchInput, Dispatch, DispatchEnding, ProcessFacts } from '../../../src/kernel/dispatch/model';
import { createDispatch, endDispatch, markRunning } from '../../../src/kernel/dispatch/service';
import { createRun } from '../../../src/kernel/run/record/runs';
import type { TestKernel } from '../records/kernel';
import { refusesWork } from '../hostile/refusals';

export const PROCESS: ProcessFacts = {
  pid: 4242,
  argv: ['claude', '-p', 'say "hi"\n→'],
  cwd: '/p',
  logFile: '/logs/d.log',
  exitFile: '/logs/d.exit',
  startToken: 'boot:12345',
  host: 'here',
};

/** What tests do with dispatches, each in a transaction of its own on the kernel of that moment. */
export function dispatchVerbs(kernel: () => TestKernel) {
  return {
    create: (input: Partial<CreateDispatchInput> = {}): Dispatch =>
      kernel().write((u) => createDispatch(u, { agentType: 'claude', projectDir: '/p', ...input })),
    run: (id: string, facts: Partial<ProcessFacts> = {}): Dispatch =>
      kernel().write((u) => markRunning(u, id, { ...PROCESS, ...facts })),
    end: (id: string, ending: DispatchEnding): Dispatch => kernel().write((u) => endDispatch(u, id, ending)),
    newRun: (): string => kernel().write((u) => createRun(u, { projectDir: '/p', goal: 'g' })).id,
    refuses: (work: () => unknown, code: string): void => {
      refusesWork(kernel(), code, work);
    },
  };
}
