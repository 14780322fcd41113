/**
 * The one place that starts other programs. Each start names what it is for and is refused where the folder is not
 * trusted. `node:child_process` is imported here, by `systemTools.ts` and by the launcher, and nowhere else.
 */
import { execFile, spawn } from 'node:child_process';
import { KernelError } from '../../kernel/errors/errors';
import { checkFence } from '../locks/fence';

export type { ChildProcess } from 'node:child_process';

/** Whether programs may be started. Asked at every start, because trust can be granted meanwhile. */
export type Trusted = () => boolean;

export interface ProcessStarter {
  readonly spawn: typeof spawn;
  readonly execFile: typeof execFile;
}

/**
 * @param action completes "Intercore may look but not …"
 * @throws KernelError `UNTRUSTED`; `LEAD_LOST` to a leader that another program has stepped in for
 */
export function processStarter(trusted: Trusted, action: string): ProcessStarter {
  if (!trusted()) throw new KernelError('UNTRUSTED', { action });
  checkFence();
  return { spawn, execFile };
}
