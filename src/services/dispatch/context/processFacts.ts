/** What a row holds of an agent's process, from the record of its start that its launcher wrote. */
import type { DispatchFiles } from '../../../host/launcher/dispatchFiles';
import type { StartedRecord } from '../../../host/launcher/launchRecord';
import { machineName } from '../../../host/process/processIdentity';
import type { KnownByStarter, ProcessFacts } from '../../../kernel/dispatch/model';

/** A found process and, where the one that started it is known, what only that one knows. */
export type FoundProcess = Pick<StartedRecord, 'launcher' | 'argv' | 'cwd'> & KnownByStarter;

export function processFactsOf(files: DispatchFiles, found: FoundProcess): ProcessFacts {
  const { launcher, argv, cwd, account = null, permissions = null, byDefault = null } = found;
  return {
    ...launcher,
    argv,
    cwd,
    logFile: files.log,
    exitFile: files.exit,
    host: machineName(),
    account,
    permissions,
    byDefault,
  };
}
