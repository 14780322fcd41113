/**
 * The only place that starts other programs. Each start names its purpose and is refused if the folder is not trusted.
 * `node:child_process` is imported here, by `systemTools.ts` and by the launcher, and nowhere else.
 */
import { execFile, spawn } from 'node:child_process';
import { KernelError } from '../../kernel/errors/errors';
import { checkFence } from '../locks/fence';

export type { ChildProcess } from 'node:child_process';

/** Whether programs may be started. Checked at every start, because trust can be granted meanwhile. */
export type Trusted = () => boolean;

export interface ProcessStarter {
  readonly spawn: typeof spawn;
  readonly execFile: typeof execFile;
}

/**
 * @param action what cannot be done, as an infinitive
 * @throws KernelError `UNTRUSTED`; `LEAD_LOST` for a leader that another program has replaced
 */
export function processStarter(trusted: Trusted, action: string): ProcessStarter {
  if (!trusted()) throw new KernelError('UNTRUSTED', { action });
  checkFence();
  return { spawn, execFile };
}
