/** The Portfolio view over a home and three projects that are open, with a relay whose state a test sets. */
import assert from 'node:assert/strict';
import { silentLog } from '../../../src/host/log';
import { createDispatch } from '../../../src/kernel/dispatch/service';
import { Emitter } from '../../../src/kernel/emitter';
import { advanceRun } from '../../../src/kernel/run/advance';
import type { RelayState } from '../../../src/services/portfolio/home/model';
import { cyclePortfolio } from '../../../src/services/portfolio/relay/relays';
import { PortfolioSnapshots } from '../../../src/services/portfolio/snapshot/snapshots';
import { PortfoliosProjection } from '../../../src/views/projections/portfolio/portfolios';
import { FolderRecord } from '../../../src/views/projections/record/folderRecord';
import { PortfolioRecord } from '../../../src/views/projections/record/portfolioRecord';
import type { ViewContext } from '../../../src/views/projections/viewContext';
import type { Row } from '../../../src/views/rows/row';
import { IDLE_RELAY, TestHome, type MadePortfolio } from '../homes';
import type { Projects } from '../projects';
import { viewContextOf } from '../records/viewFixture';
import { rowNamed } from '../views/rows';

export const CHAIN = ['a', 'b', 'c', 'd'];

export class PortfolioFixture {
  readonly context: ViewContext;
  readonly view: PortfoliosProjection;
  relay: RelayState = IDLE_RELAY;
  private records: FolderRecord[] = [];

  private constructor(
    readonly home: TestHome,
    projects: Projects,
  ) {
    const onDidChange = new Emitter<void>((error) => assert.fail(String(error))).event;
    const snapshots = new PortfolioSnapshots({
      home: home.home,
      relays: { state: () => this.relay, onDidChange },
      log: silentLog,
    });
    projects.closing(() => {
      snapshots.dispose();
      return Promise.resolve();
    });
    const record = new PortfolioRecord({ home: home.home, snapshots, tier: () => 'hard', trusted: () => true });
    this.context = { ...viewContextOf(), records: () => this.records, portfolios: record };
    this.view = new PortfoliosProjection(this.context, record);
  }

  static async create(projects: Projects): Promise<PortfolioFixture> {
    const fixture = new PortfolioFixture(await TestHome.create(projects), projects);
    for (const name of ['api', 'web', 'app']) await fixture.open(name);
    return fixture;
  }

  /** Three projects in one line: `web` waits for `api`, `app` for `web`. */
  async line(): Promise<MadePortfolio> {
    const made = await this.home.make(['app', 'web', 'api'], CHAIN, 'Ship it');
    await this.home.depend(made.portfolio.id, ['api', 'web'], ['web', 'app']);
    return made;
  }

  idOf(made: MadePortfolio, name: string): string {
    return made.children.find(({ projectDir }) => projectDir === this.home.dir(name))?.id ?? '';
  }

  /** Advances a child, and carries it to the portfolio. */
  async advance(made: MadePortfolio, name: string): Promise<void> {
    const kernel = await this.home.project(name);
    await kernel.write((u) => advanceRun(u, this.idOf(made, name), { tier: 'none' }));
    await cyclePortfolio(this.home.home, made.portfolio.id);
  }

  /** Starts a dispatch of a child. */
  async dispatch(made: MadePortfolio, name: string, dispatchName?: string): Promise<void> {
    const kernel = await this.home.project(name);
    const named = dispatchName === undefined ? {} : { name: dispatchName };
    await kernel.write((u) => {
      createDispatch(u, {
        agentType: 'claude',
        projectDir: kernel.folder,
        scopeId: this.idOf(made, name),
        ...named,
      });
    });
  }

  /** Removes a folder from the window. */
  close(name: string): void {
    this.home.closeFolder(name);
    this.records = this.records.filter(({ folder }) => folder !== this.home.dir(name));
  }

  /** The row at the end of a path of labels. */
  at(...labels: readonly string[]): Row {
    const [first = '', ...others] = labels;
    return others.reduce(
      (above, label) => rowNamed(this.view.children(above.ref), label),
      rowNamed(this.view.roots(), first),
    );
  }

  /** The rows below it, each as `label: description`. */
  below(...labels: readonly string[]): string[] {
    return this.view.children(this.at(...labels).ref).map(({ label, description }) => `${label}: ${description}`);
  }

  private async open(name: string): Promise<void> {
    const kernel = await this.home.project(name);
    const record = new FolderRecord(
      kernel,
      () => 'hard',
      () => true,
    );
    kernel.onDidChange((change) => record.note(change));
    this.records.push(record);
  }
}
