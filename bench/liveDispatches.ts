/** A project with running agents: real launchers and shells through the real dispatcher. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { withBuiltIns } from '../src/services/agents/builtInKinds';
import { systemPorts } from '../src/host/clock';
import { silentLog } from '../src/host/log';
import { databaseLocation } from '../src/host/files/paths';
import { engineLoader } from '../src/host/wasm/sqliteWasm';
import type { Dispatch } from '../src/kernel/dispatch/model';
import { activeDispatches } from '../src/kernel/dispatch/service';
import { Dispatcher } from '../src/services/dispatch/dispatcher';
import { ProjectKernel } from '../src/services/record/kernels';
import { LAUNCHER } from '../test/support/dispatch/dispatchFixture';

/** How many agents are running. */
export const DISPATCHES = 50;

export class LiveProject {
  readonly kernel: ProjectKernel;
  readonly dispatcher: Dispatcher;
  /** The last start, settled or not. */
  private starting: Promise<unknown> = Promise.resolve();
  private isEnding = false;

  constructor(root: string) {
    const shared = { ports: systemPorts, log: silentLog };
    const database = databaseLocation(projectIn(root));
    this.kernel = new ProjectKernel(database, {
      ...shared,
      engine: engineLoader(),
      trusted: () => true,
      busyTimeoutMs: 30_000,
    });
    this.dispatcher = new Dispatcher({
      ...shared,
      kinds: () => withBuiltIns([]),
      storageDir: path.join(root, 'storage'),
      launcherPath: LAUNCHER,
      canRun: () => true,
      mayStart: () => Promise.resolve(),
      graceMs: () => 500,
    });
  }

  async initialize(): Promise<void> {
    await mkdir(this.kernel.folder, { recursive: true });
    await this.kernel.initialize();
  }

  /** Starts an agent that runs a shell script. Throws once they are being ended. */
  async start(name: string, prompt: string): Promise<Dispatch> {
    if (this.isEnding) throw new Error('The agents are being ended.');
    const started = this.dispatcher.start(this.kernel, { kind: 'shell', name, prompt });
    this.starting = started;
    return started;
  }

  /** Starts agents that wait, and returns how many milliseconds each start took. */
  async startIdle(count: number): Promise<number[]> {
    const times: number[] = [];
    for (let n = 0; n < count; n++) {
      const started = performance.now();
      await this.start(`waiting ${n}`, 'sleep 3600\n');
      times.push(performance.now() - started);
    }
    return times;
  }

  /** Ends all agents, also one that is just being started, and starts no more. */
  async endAll(): Promise<void> {
    this.isEnding = true;
    await Promise.allSettled([this.starting]);
    const active = this.kernel.read((r) => activeDispatches(r));
    await Promise.all(active.map(({ id }) => this.dispatcher.kill(this.kernel, id)));
  }

  /** Agents continue. */
  async close(): Promise<void> {
    await this.dispatcher.dispose();
    await this.kernel.dispose();
  }
}

/** The project's folder below the root. */
export function projectIn(root: string): string {
  return path.join(root, 'project');
}
