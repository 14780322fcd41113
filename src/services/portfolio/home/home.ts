/**
 * A window's portfolios: their database, and the kernels of their children's projects (`docs/design/portfolios.md`).
 */
import path from 'node:path';
import type { DatabaseLocation } from '../../../host/files/paths';
import { databaseLocation } from '../../../host/files/paths';
import type { Log } from '../../../host/log';
import type { IdSource } from '../../../kernel/ports';
import { ProjectKernel, type KernelDeps } from '../../record/projectKernel';
import { reportMove } from './adoption';
import { undoInterrupted } from './intents';

export interface PortfolioHomeDeps {
  readonly location: DatabaseLocation;
  readonly kernelDeps: KernelDeps;
  /** The window's kernel of an open folder. */
  readonly openKernel: (folder: string) => ProjectKernel | undefined;
}

export class PortfolioHome {
  /** The state of the portfolios' database; `missing` until the first portfolio is created. */
  readonly kernel: ProjectKernel;
  readonly log: Log;
  readonly ids: IdSource;
  private readonly own = new Map<string, ProjectKernel>();

  constructor(private readonly deps: PortfolioHomeDeps) {
    this.log = deps.kernelDeps.log.scope('portfolio');
    this.ids = deps.kernelDeps.ports.ids;
    this.kernel = new ProjectKernel(deps.location, deps.kernelDeps);
  }

  /**
   * The kernel of a child's project: the window's kernel if the folder is open, else our own, which does not watch its
   * file and is closed with the home. It may not be loaded.
   */
  childKernel(projectDir: string): ProjectKernel {
    const folder = path.resolve(projectDir);
    const kernel = this.deps.openKernel(folder) ?? this.own.get(folder);
    if (kernel !== undefined) return kernel;
    const fresh = this.kernelAt(databaseLocation(folder));
    this.own.set(folder, fresh);
    return fresh;
  }

  /** A kernel of another database, for a step of this home; the caller closes it. */
  kernelAt(location: DatabaseLocation): ProjectKernel {
    return new ProjectKernel(location, { ...this.deps.kernelDeps, watch: false });
  }

  /** Whether the folder is open in this window. */
  isOpen(projectDir: string): boolean {
    return this.deps.openKernel(path.resolve(projectDir)) !== undefined;
  }

  /**
   * Reads the database. If writing is allowed, undoes portfolios whose creation was interrupted, and updates children
   * if the database has moved. May be called again, as when a window becomes trusted. Never throws for problems with
   * files: the kernel's `state` shows them.
   */
  async load(): Promise<void> {
    await this.kernel.load();
    await this.kernel.refresh();
    if (!this.deps.kernelDeps.trusted()) return;
    await undoInterrupted(this, this.log);
    await reportMove(this, this.log);
  }

  /** Finishes pending writes and releases the files; the window's kernels stay. */
  async dispose(): Promise<void> {
    const own = [...this.own.values()];
    this.own.clear();
    await Promise.all([this.kernel, ...own].map((kernel) => kernel.dispose()));
  }
}
