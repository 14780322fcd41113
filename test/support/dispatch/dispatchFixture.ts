/** A project on disk with a real kernel and a real dispatcher, whose agents are real processes. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { AgentKind } from '../../../src/contract/agentKinds';
import { withBuiltIns } from '../../../src/services/agents/builtInKinds';
import { systemPorts } from '../../../src/host/clock';
import { CheckedFiles } from '../../../src/host/image/checkedFiles';
import { silentLog } from '../../../src/host/log';
import { databaseLocation } from '../../../src/host/files/paths';
import { checkedFilesFolder } from '../../../src/host/state/stateFolder';
import { activeDispatches, getDispatch } from '../../../src/kernel/dispatch/service';
import type { Dispatch } from '../../../src/kernel/dispatch/model';
import { Dispatcher, type DispatcherDeps, type DispatchRequest } from '../../../src/services/dispatch/dispatcher';
import { isReadable } from '../../../src/services/operations/host';
import { ProjectKernel, type KernelDeps } from '../../../src/services/record/projectKernel';
import { testEngine } from '../records/kernel';

/** Compiled tests are next to the compiled sources. */
export const LAUNCHER = path.resolve(__dirname, '../../../src/host/launcher/launcher.js');

/** Longest time any single step of a test may take on a busy machine. */
export const PATIENCE_MS = 60_000;

export const git = async (cwd: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)('git', args, { cwd })).stdout;

export class Stage {
  private readonly dispatchers: Dispatcher[] = [];
  private readonly kernels: ProjectKernel[] = [];

  private constructor(readonly root: string) {}

  /** An empty project below a temporary folder. */
  static async open(): Promise<Stage> {
    const stage = new Stage(await realpath(await mkdtemp(path.join(tmpdir(), 'dispatch-'))));
    await Promise.all([mkdir(stage.project), mkdir(stage.storage), mkdir(stage.home)]);
    return stage;
  }

  get project(): string {
    return path.join(this.root, 'project');
  }

  get storage(): string {
    return path.join(this.root, 'storage');
  }

  get home(): string {
    return path.join(this.root, 'home');
  }

  async kernel(deps: Partial<KernelDeps> = {}): Promise<ProjectKernel> {
    const kernel = new ProjectKernel(databaseLocation(this.project), {
      engine: () => testEngine,
      ports: systemPorts,
      log: silentLog,
      trusted: () => true,
      busyTimeoutMs: PATIENCE_MS,
      checked: new CheckedFiles(checkedFilesFolder({ ...process.env, HOME: this.home })),
      ...deps,
    });
    this.kernels.push(kernel);
    await kernel.initialize();
    return kernel;
  }

  dispatcher(deps: Partial<DispatcherDeps> = {}, kinds: readonly AgentKind[] = []): Dispatcher {
    const dispatcher = new Dispatcher({
      kinds: () => withBuiltIns(kinds),
      storageDir: this.storage,
      launcherPath: LAUNCHER,
      ports: systemPorts,
      log: silentLog,
      canRun: () => true,
      mayStart: () => Promise.resolve(),
      graceMs: () => 500,
      ...deps,
    });
    this.dispatchers.push(dispatcher);
    return dispatcher;
  }

  /** Starts an agent in the project's first kernel and waits for its end. */
  async play(
    request: DispatchRequest,
    deps: Partial<DispatcherDeps> = {},
    kinds: readonly AgentKind[] = [],
  ): Promise<Dispatch> {
    const [kernel] = this.kernels;
    if (kernel === undefined) throw new Error('The stage has no kernel yet.');
    const dispatcher = this.dispatcher(deps, kinds);
    const { id } = await dispatcher.start(kernel, request);
    return ended(dispatcher, kernel, id);
  }

  /** Ends what still runs and removes every trace. */
  async close(): Promise<void> {
    const [dispatcher] = this.dispatchers;
    const [kernel] = this.kernels;
    if (dispatcher !== undefined && kernel?.state.kind === 'ready') {
      await kernel.refresh();
      const active = isReadable(kernel) ? kernel.read((r) => activeDispatches(r)) : [];
      for (const { id, pid } of active) {
        if (pid !== null) await dispatcher.kill(kernel, id).catch(() => undefined);
      }
    }
    await Promise.all(this.dispatchers.map((each) => each.dispose()));
    await Promise.all(this.kernels.map((each) => each.dispose()));
    await rm(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The shell agent's prompt is its program. */
export const shell = (prompt: string, more: Partial<DispatchRequest> = {}): DispatchRequest => ({
  kind: 'shell',
  prompt,
  ...more,
});

/** Resolves with the ended dispatch, or fails when that takes too long. */
export function ended(dispatcher: Dispatcher, kernel: ProjectKernel, id: string): Promise<Dispatch> {
  return dispatcher.wait(kernel, id, AbortSignal.timeout(PATIENCE_MS));
}

export function rowOf(kernel: ProjectKernel, id: string): Dispatch {
  return kernel.read((r) => getDispatch(r, id));
}

export async function logOf(dispatch: Dispatch): Promise<string> {
  return readFile(dispatch.outputFile ?? '', 'utf8');
}

/** Resolves once the log of a followed dispatch holds the text. */
export function whenLogged(dispatcher: Dispatcher, dispatch: Dispatch, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      logOf(dispatch).then((log) => {
        if (!log.includes(text)) return;
        subscription.dispose();
        resolve();
      }, reject);
    };
    const subscription = dispatcher.onDidOutput(({ dispatchId }) => {
      if (dispatchId === dispatch.id) look();
    });
    look();
  });
}
