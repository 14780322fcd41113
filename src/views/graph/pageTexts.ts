/** The fixed texts of the graph's page. */
import type { GraphPageTexts } from '../../contract/pages/graph';
import type { Localizer } from '../rows/localizer';

export function pageTexts(l10n: Localizer): GraphPageTexts {
  return {
    graph: l10n.t('Dependency graph'),
    keys: l10n.t(
      'Use the arrow keys to follow dependencies, Enter to show the project in the Portfolio view, plus and minus to zoom, 0 to show the whole graph, and Shift with the arrow keys to pan.',
    ),
    toolbar: l10n.t('Zoom'),
    zoomIn: l10n.t('Zoom In'),
    zoomOut: l10n.t('Zoom Out'),
    fit: l10n.t('Show Whole Graph'),
    legend: l10n.t('Legend'),
    list: l10n.t('Projects as a list'),
    loading: l10n.t('Reading the portfolio…'),
  };
}
