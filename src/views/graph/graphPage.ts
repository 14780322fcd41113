/** Fills a panel with the graph of a portfolio, and reveals the nodes that the person selects. */
import type * as vscode from 'vscode';
import type { GraphPicture } from '../../contract/pages/graph';
import type { Log } from '../../host/log';
import { isKernelError } from '../../kernel/errors/errors';
import type { PortfolioSnapshots } from '../../services/portfolio/snapshot/snapshots';
import { explain } from '../projections/folderRow';
import { emptyPicture, graphPicture, projectOfNode, type GraphContext } from './graphModel';
import { GraphPanel } from './graphPanel';

export interface GraphPanelsDeps {
  readonly extensionUri: vscode.Uri;
  readonly context: GraphContext;
  readonly snapshots: Pick<PortfolioSnapshots, 'of'>;
  readonly log: Log;
  /** Shows a project in the Portfolio view. */
  readonly reveal: (portfolioId: string, projectDir: string) => Thenable<void>;
}

export function graphPage(panel: vscode.WebviewPanel, portfolioId: string, deps: GraphPanelsDeps): GraphPanel {
  return new GraphPanel(panel, portfolioId, {
    extensionUri: deps.extensionUri,
    log: deps.log,
    picture: () => pictureOf(deps, portfolioId),
    chosen: (node) => void reveal(deps, portfolioId, node),
  });
}

function pictureOf({ snapshots, context }: GraphPanelsDeps, portfolioId: string): GraphPicture {
  try {
    return graphPicture(context, snapshots.of(portfolioId));
  } catch (error) {
    if (!isKernelError(error)) throw error;
    if (error.code === 'DATABASE_LOADING') return emptyPicture(context.l10n.t('Reading the portfolio…'), '', 'info');
    const title = context.l10n.t('The portfolio cannot be shown');
    return emptyPicture(title, explain(context.l10n, error), 'warning');
  }
}

async function reveal(
  { snapshots, log, reveal: show }: GraphPanelsDeps,
  portfolioId: string,
  node: string,
): Promise<void> {
  try {
    const projectDir = projectOfNode(snapshots.of(portfolioId), node);
    if (projectDir !== undefined) await show(portfolioId, projectDir);
  } catch (problem) {
    log.error('A project of the graph could not be shown', { problem });
  }
}
