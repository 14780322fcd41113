/** The *Portfolio* view with the text next to its title: how many children are blocked, what is wrong with the record. */
import * as vscode from 'vscode';
import { VIEWS } from '../../contract/views';
import type { Log } from '../../host/log';
import { DependencyDrop, type DropHandler } from './dependencyDrop';
import { DeferredUpdate } from '../rows/deferredUpdate';
import { explain } from '../projections/folderRow';
import type { PortfolioRecord } from '../projections/record/portfolioRecord';
import { PortfoliosProjection } from '../projections/portfolio/portfolios';
import { blockedNames } from '../projections/portfolio/portfolioSummary';
import type { ViewContext } from '../projections/viewContext';
import { WithUnreadableRows, type LeftOutSource } from '../projections/unreadableRows';
import { RecordTree } from './tree';

export class PortfolioTree {
  private readonly tree: RecordTree;
  private readonly header: DeferredUpdate;

  constructor(
    private readonly context: ViewContext,
    private readonly record: PortfolioRecord,
    log: Log,
    handler: DropHandler,
  ) {
    const sources = (): LeftOutSource[] => [{ folder: '', unreadable: () => record.unreadable() }];
    const projection = new WithUnreadableRows(context, new PortfoliosProjection(context, record), ['runs'], sources);
    this.tree = new RecordTree(VIEWS.portfolio, projection, log.scope('portfolio'), new DependencyDrop(handler));
    this.header = new DeferredUpdate(log, VIEWS.portfolio, () => this.drawHeader());
    this.header.schedule();
  }

  /** Notes that a record changed. */
  changed(): void {
    this.tree.changed();
    this.header.schedule();
  }

  /** Selects a portfolio; false where there is no such one. */
  async revealPortfolio(portfolioId: string, takesFocus = false): Promise<boolean> {
    return await this.tree.reveal((ref) => ref.kind === 'portfolio' && ref.portfolioId === portfolioId, takesFocus);
  }

  /** Selects a child of a portfolio and takes the focus there. */
  async revealChild(portfolioId: string, projectDir: string): Promise<void> {
    await this.tree.reveal(
      (ref) => ref.kind === 'child' && ref.portfolioId === portfolioId && ref.projectDir === projectDir,
      true,
    );
  }

  dispose(): void {
    this.header.dispose();
    this.tree.dispose();
  }

  private drawHeader(): void {
    const { view } = this.tree;
    const { state } = this.record.snapshots;
    // No badge: VS Code adds it to the number on the container's icon, which is what needs a person.
    view.description = state.kind === 'readOnly' ? vscode.l10n.t('read-only') : (blockedNames(this.context) ?? '');
    // A message hides the welcome of an empty view, which offers the backup.
    const isOffered = state.kind === 'failed' && state.backup !== undefined;
    view.message = 'error' in state && !isOffered ? explain(vscode.l10n, state.error) : '';
  }
}
