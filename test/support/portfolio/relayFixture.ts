/** A portfolio over real projects whose children move, and relays that carry what happens to it. */
import { cp } from 'node:fs/promises';
import { systemPorts } from '../../../src/host/clock';
import { databasePath } from '../../../src/host/files/paths';
import type { DependencyEdge } from '../../../src/kernel/portfolio/model';
import type { Run } from '../../../src/kernel/run/record/model';
import { advanceRun } from '../../../src/kernel/run/advance';
import { getRun, phaseEvents } from '../../../src/kernel/run/record/queries';
import { createPortfolioRun, type CreatePortfolioRun } from '../../../src/services/portfolio/create';
import type { PortfolioHome } from '../../../src/services/portfolio/home/home';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import { type KernelDeps } from '../../../src/services/record/projectKernel';
import { Relay, type RelayDeps } from '../../../src/services/portfolio/relay/relay';
import { ManualClock } from '../records/kernel';
import type { Projects } from '../projects';
import { TestWorkspace } from '../workspaces';

/** Long enough for every test; without rules of its own. */
export const LONG_CHAIN = Array.from({ length: 40 }, (_, at) => `p${at}`);

/** A first check of a file takes its time on a busy machine. */
const PATIENCE_MS = 30_000;

export class RelayFixture {
  readonly clock = new ManualClock();
  readonly home: PortfolioHome;
  private made: { readonly portfolio: Run; readonly children: readonly Run[] } | undefined;
  private readonly kernels = new Map<string, ProjectKernel>();

  private constructor(
    readonly workspace: TestWorkspace,
    private readonly projects: Projects,
    options: Partial<KernelDeps>,
  ) {
    this.home = workspace.home(this.deps(options));
  }

  /** A portfolio with a child in each of the named folders; `edges` name folders too. */
  static async create(
    projects: Projects,
    names: readonly string[],
    edges: readonly (readonly [string, string])[] = [],
    options: Partial<KernelDeps> = {},
  ): Promise<RelayFixture> {
    const fixture = new RelayFixture(await TestWorkspace.create(projects, ...names), projects, options);
    fixture.made = await fixture.portfolioOver(names, { dependencies: edges.map((edge) => fixture.edge(...edge)) });
    return fixture;
  }

  /** Another portfolio over some of the folders. */
  portfolioOver(
    names: readonly string[],
    input: Partial<CreatePortfolioRun> = {},
  ): Promise<{ readonly portfolio: Run; readonly children: readonly Run[] }> {
    const folders = names.map((name) => this.at(name));
    return createPortfolioRun(this.home, { goal: 'g', phases: LONG_CHAIN, folders, ...input });
  }

  get portfolioId(): string {
    return this.created().portfolio.id;
  }

  childId(name: string): string {
    const child = this.created().children.find(({ projectDir }) => projectDir === this.at(name));
    if (child === undefined) throw new Error(`there is no child ${name}`);
    return child.id;
  }

  at(name: string): string {
    return this.workspace.at(name);
  }

  database(name: string): string {
    return databasePath(this.at(name));
  }

  edge(upstream: string, downstream: string): DependencyEdge {
    return { upstream: this.at(upstream), downstream: this.at(downstream) };
  }

  /** A relay of its own; without a home given, on the first one. */
  relay(deps: Partial<RelayDeps> = {}, home = this.home): Relay {
    return new Relay({
      kernel: home.kernel,
      portfolioId: this.portfolioId,
      childKernel: (folder) => home.childKernel(folder),
      clock: this.clock,
      patienceMs: PATIENCE_MS,
      ...deps,
    });
  }

  /** A home on the same database, as another process has it. */
  async otherHome(options: Partial<KernelDeps> = {}): Promise<PortfolioHome> {
    const home = this.workspace.home(this.deps(options));
    await home.load();
    return home;
  }

  /** A project's kernel, as another process has it. */
  async project(name: string): Promise<ProjectKernel> {
    const known = this.kernels.get(name);
    if (known !== undefined) return known;
    const kernel = await this.projects.open(this.at(name), this.deps({}));
    this.kernels.set(name, kernel);
    return kernel;
  }

  /** Moves a child in its own database, a second later each time. */
  async advance(name: string, times = 1): Promise<void> {
    const kernel = await this.project(name);
    for (let n = 0; n < times; n++) {
      this.clock.advance(1);
      await kernel.write((u) => advanceRun(u, this.childId(name), { tier: 'none' }));
    }
  }

  /** The relayed events of the portfolio, oldest first: `child_advanced p0→p1 api`, by the folder's name. */
  async relayed(portfolioId = this.portfolioId): Promise<readonly string[]> {
    await this.home.kernel.refresh();
    return this.home.kernel
      .read((r) => phaseEvents(r, portfolioId))
      .map(({ type, fromPhase, toPhase, reason }) => {
        const from = reason?.startsWith('relay:') === true ? ` ${reason.split('/').at(-1) ?? ''}` : '';
        return `${type} ${fromPhase}→${toPhase}${from}`;
      });
  }

  /** `phase status` of a child's mirror. */
  async mirror(name: string): Promise<string> {
    await this.home.kernel.refresh();
    const { phase, status } = this.home.kernel.read((r) => getRun(r, this.childId(name)));
    return `${phase} ${status}`;
  }

  /** Keeps a copy of a project's database; the result puts it back. */
  backUp(name: string): Promise<() => Promise<void>> {
    return backUp(this.database(name));
  }

  /** The same with the portfolio's. */
  backUpHome(): Promise<() => Promise<void>> {
    return backUp(this.home.kernel.path);
  }

  private created(): { readonly portfolio: Run; readonly children: readonly Run[] } {
    if (this.made === undefined) throw new Error('the portfolio is not made yet');
    return this.made;
  }

  private deps(options: Partial<KernelDeps>): Partial<KernelDeps> {
    return { ports: { ...systemPorts, clock: this.clock }, ...options };
  }
}

async function backUp(file: string): Promise<() => Promise<void>> {
  await cp(file, `${file}.copy`);
  return () => cp(`${file}.copy`, file);
}
