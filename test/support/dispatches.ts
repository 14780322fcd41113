/** What the dispatcher would tell of a process that runs. */
import type { ProcessFacts } from '../../src/kernel/dispatch/model';

export const PROCESS: ProcessFacts = {
  pid: 4242,
  argv: ['claude', '-p', 'say "hi"\n→'],
  cwd: '/p',
  logFile: '/logs/d.log',
  exitFile: '/logs/d.exit',
  startToken: 'boot:12345',
  host: 'here',
};
