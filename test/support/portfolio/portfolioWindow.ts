/** A window on a workspace of several folders, as far as dispatches go: its kernels, limits, dispatcher and queue. */
import path from 'node:path';
import { mkdir } from 'node:fs/promises';
import { withBuiltIns } from '../../../src/services/agents/builtInKinds';
import { systemPorts } from '../../../src/host/clock';
import { silentLog } from '../../../src/host/log';
import { portfolioLocation } from '../../../src/host/files/paths';
import { activeDispatches } from '../../../src/kernel/dispatch/service';
import type { Run } from '../../../src/kernel/run/record/model';
import { DispatchQueue } from '../../../src/services/dispatch/queue/dispatchQueue';
import { Dispatcher, type DispatcherDeps, type DispatchRequest } from '../../../src/services/dispatch/dispatcher';
import { WorkspaceKernels, type ProjectKernel } from '../../../src/services/record/kernels';
import { createPortfolioRun } from '../../../src/services/portfolio/create';
import { PortfolioHome } from '../../../src/services/portfolio/home/home';
import { PortfolioLimits } from '../../../src/services/portfolio/limits';
import { PortfolioLinks } from '../../../src/services/portfolio/snapshot/links';
import { LAUNCHER } from '../dispatch/dispatchFixture';
import { testDeps, type Projects } from '../projects';

export interface Child {
  readonly kernel: ProjectKernel;
  readonly run: Run;
}

export interface PortfolioTerms {
  readonly maxDispatches?: number;
  readonly tokenBudget?: number;
}

/** An agent that works until it is ended. */
export const UNTIL_ENDED = 'exec sleep 300';

export class PortfolioWindow {
  isTrusted = true;
  readonly kernels: WorkspaceKernels;
  readonly home: PortfolioHome;
  readonly links: PortfolioLinks;
  readonly dispatcher: Dispatcher;
  readonly queue: DispatchQueue;

  /** @param folder holds the workspace's folders, `.clavain/portfolio.db` and the storage of dispatches. */
  constructor(
    readonly folder: string,
    projects: Projects,
    deps: Partial<DispatcherDeps> = {},
  ) {
    const kernelDeps = testDeps();
    this.kernels = new WorkspaceKernels(kernelDeps);
    const openKernel = (project: string) => this.kernels.get(project);
    this.home = new PortfolioHome({ location: portfolioLocation(folder), kernelDeps, openKernel });
    this.links = new PortfolioLinks({ kernelDeps, home: this.home, openKernel });
    const limits = new PortfolioLimits({ links: this.links, log: silentLog });
    this.dispatcher = new Dispatcher({
      kinds: () => withBuiltIns([]),
      storageDir: path.join(folder, 'storage'),
      launcherPath: LAUNCHER,
      ports: systemPorts,
      log: silentLog,
      canRun: () => this.isTrusted,
      mayStart: () => Promise.resolve(),
      graceMs: () => 500,
      admit: (kernel, runId) => limits.admit(kernel, runId),
      outerBudgets: (kernel, runId) => limits.budgets(kernel, runId),
      ...deps,
    });
    const { dispatcher, kernels } = this;
    this.queue = new DispatchQueue({
      dispatcher,
      kernels,
      log: silentLog,
      canRun: () => this.isTrusted,
      againAfterMs: 50,
    });
    this.links.onDidChange(() => this.queue.wake());
    projects.closing(() => this.close());
  }

  /** Opens a folder, which is made where it is not there, and adopts its agents. */
  async open(name: string): Promise<ProjectKernel> {
    const project = path.join(this.folder, name);
    await mkdir(project, { recursive: true });
    const kernel = this.kernels.add(project);
    await kernel.initialize();
    await this.dispatcher.adopt(kernel);
    return kernel;
  }

  /** A portfolio over open folders. */
  async make(kernels: readonly ProjectKernel[], terms: PortfolioTerms): Promise<{ portfolio: Run; children: Child[] }> {
    const folders = kernels.map(({ folder }) => folder);
    const { portfolio, children } = await createPortfolioRun(this.home, { goal: 'Ship', folders, ...terms });
    return {
      portfolio,
      children: children.flatMap((run) => {
        const kernel = this.kernels.get(run.projectDir);
        return kernel === undefined ? [] : [{ kernel, run }];
      }),
    };
  }

  /** The active dispatches of all open folders. */
  active(): { kernel: ProjectKernel; id: string }[] {
    const ready = this.kernels.all().filter(({ state }) => state.kind === 'ready');
    return ready.flatMap((kernel) => kernel.read((r) => activeDispatches(r)).map(({ id }) => ({ kernel, id })));
  }

  private async close(): Promise<void> {
    await this.queue.dispose();
    for (const { kernel, id } of this.active()) await this.dispatcher.kill(kernel, id).catch(() => undefined);
    await this.dispatcher.dispose();
    await this.links.dispose();
    await this.home.dispose();
    await this.kernels.dispose();
  }
}

/** A shell agent for a child. */
export function work({ run }: Child, name: string, prompt = UNTIL_ENDED): DispatchRequest {
  return { kind: 'shell', prompt, runId: run.id, name };
}
