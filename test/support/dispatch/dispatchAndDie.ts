/**
 * A window that dies: starts the given dispatch, prints its id, and waits to be killed. Run as a program with the
 * stage's root and the request as JSON.
 */
import { withBuiltIns } from '../../../src/services/agents/builtInKinds';
import { systemPorts } from '../../../src/host/clock';
import { silentLog } from '../../../src/host/log';
import { databaseLocation } from '../../../src/host/files/paths';
import { Dispatcher, type DispatchRequest } from '../../../src/services/dispatch/dispatcher';
import { ProjectKernel } from '../../../src/services/record/projectKernel';
import { LAUNCHER } from './dispatchFixture';
import { testEngine } from '../records/kernel';

async function main([project = '', storageDir = '', request = '']: readonly string[]): Promise<void> {
  const deps = {
    engine: () => testEngine,
    ports: systemPorts,
    log: silentLog,
    trusted: () => true,
    busyTimeoutMs: 30_000,
  };
  const kernel = new ProjectKernel(databaseLocation(project), deps);
  await kernel.initialize();
  const dispatcher = new Dispatcher({
    kinds: () => withBuiltIns([]),
    storageDir,
    launcherPath: LAUNCHER,
    ports: systemPorts,
    log: silentLog,
    canRun: () => true,
    mayStart: () => Promise.resolve(),
  });
  const { id } = await dispatcher.start(kernel, JSON.parse(request) as DispatchRequest);
  process.stdout.write(`${id}\n`);
  process.stdin.resume();
}

void main(process.argv.slice(2));
