/** A multi-root workspace on a real disk: folders with and without records, and a home for its portfolios. */
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { portfolioLocation } from '../../src/host/files/paths';
import { PortfolioHome } from '../../src/services/portfolio/home/home';
import { ProjectKernel, type KernelDeps } from '../../src/services/record/projectKernel';
import { databaseLocation } from '../../src/host/files/paths';
import { testDeps, type Projects } from './projects';

export class TestWorkspace {
  private constructor(
    private readonly projects: Projects,
    readonly folder: string,
  ) {}

  /** Folders of these names, without records. */
  static async create(projects: Projects, ...names: readonly string[]): Promise<TestWorkspace> {
    const workspace = new TestWorkspace(projects, await projects.folder());
    for (const name of names) await mkdir(workspace.at(name));
    return workspace;
  }

  at(name: string): string {
    return path.join(this.folder, name);
  }

  /** A window's home, with these folders open in it. */
  home(options: Partial<KernelDeps> = {}, open: readonly ProjectKernel[] = []): PortfolioHome {
    const home = new PortfolioHome({
      location: portfolioLocation(this.folder),
      kernelDeps: testDeps(options),
      openKernel: (folder) => open.find((kernel) => kernel.folder === folder),
    });
    this.projects.closing(() => home.dispose());
    return home;
  }

  /** A kernel of a folder, loaded. */
  open(name: string): Promise<ProjectKernel> {
    return this.projects.open(this.at(name));
  }

  /** Gives the folder an empty record. */
  async initialize(name: string): Promise<void> {
    const kernel = new ProjectKernel(databaseLocation(this.at(name)), testDeps());
    await kernel.initialize();
    await kernel.dispose();
  }

  /** Every file and folder below, relative and sorted. */
  async files(): Promise<readonly string[]> {
    return (await readdir(this.folder, { recursive: true })).sort();
  }
}
