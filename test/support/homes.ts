/** Portfolios on real disks for checking: a home, its projects, and the databases of some of them. */
import path from 'node:path';
import { homeMetadata } from '../../src/kernel/portfolio/home';
import { addDependency, createPortfolio } from '../../src/kernel/portfolio/service';
import type { DependencyEdge } from '../../src/kernel/portfolio/model';
import type { Run } from '../../src/kernel/run/record/model';
import { createRun } from '../../src/kernel/run/record/runs';
import { portfolioLocation } from '../../src/host/files/paths';
import { PortfolioHome } from '../../src/services/portfolio/home/home';
import type { RelayState } from '../../src/services/portfolio/home/model';
import type { ProjectKernel } from '../../src/services/record/projectKernel';
import { testDeps, type Projects } from './projects';

export const IDLE_RELAY: RelayState = {
  isPaused: false,
  lastCycleAt: undefined,
  relayed: 0,
  error: undefined,
  problems: new Map(),
  failures: [],
};

export interface MadePortfolio {
  readonly portfolio: Run;
  readonly children: readonly Run[];
}

/** A home whose projects are folders beside it; those opened here count as open in the window. */
export class TestHome {
  readonly home: PortfolioHome;
  private readonly open = new Map<string, ProjectKernel>();

  private constructor(
    readonly folder: string,
    private readonly projects: Projects,
  ) {
    this.home = new PortfolioHome({
      location: portfolioLocation(folder),
      kernelDeps: testDeps(),
      openKernel: (project) => this.open.get(project),
    });
  }

  /** A home whose database is there, closed and removed with the projects of the suite. */
  static async create(projects: Projects): Promise<TestHome> {
    const home = new TestHome(await projects.folder(), projects);
    projects.closing(() => home.home.dispose());
    await home.home.kernel.initialize();
    return home;
  }

  /** The folder of a project by its name. */
  dir(project: string): string {
    return path.join(this.folder, project);
  }

  /** The kernel of a project with a database, open in the window. */
  async project(project: string): Promise<ProjectKernel> {
    const known = this.open.get(this.dir(project));
    if (known !== undefined) return known;
    const kernel = this.projects.kernel(this.dir(project));
    await kernel.initialize();
    this.open.set(this.dir(project), kernel);
    return kernel;
  }

  /** Closes the folder in the window; its kernel goes with the suite. */
  closeFolder(project: string): void {
    this.open.delete(this.dir(project));
  }

  /** A portfolio over projects by name; each project that is open gets its own run. */
  async make(names: readonly string[], phases: readonly string[], goal = 'Work'): Promise<MadePortfolio> {
    const input = { goal, projects: names.map((name) => this.dir(name)), phases: [...phases] };
    const made = await this.home.kernel.write((u) => createPortfolio(u, input));
    for (const { id, projectDir } of made.children) {
      const metadata = homeMetadata(this.home.kernel.path);
      const own = { id, projectDir, goal, phases: [...phases], parentRunId: made.portfolio.id, metadata };
      await this.open.get(projectDir)?.write((u) => createRun(u, own));
    }
    return made;
  }

  /** Lets the second project of each pair wait for the first. */
  async depend(
    portfolioId: string,
    ...edges: readonly (readonly [upstream: string, downstream: string])[]
  ): Promise<void> {
    for (const [upstream, downstream] of edges) {
      const edge: DependencyEdge = { upstream: this.dir(upstream), downstream: this.dir(downstream) };
      await this.home.kernel.write((u) => addDependency(u, portfolioId, edge));
    }
  }
}
