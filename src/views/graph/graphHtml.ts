/** The empty page of the graph: its parts and its fixed texts. Pure. */
import type { GraphPageTexts } from '../../contract/pages/graph';
import { escapeHtml, toolButton } from '../webview/pageHtml';
import type { Localizer } from '../rows/localizer';

export function graphHtml(texts: GraphPageTexts): string {
  return `<main>
<header>
<div class="heading">
<h1 id="title">${escapeHtml(texts.loading)}</h1>
<p id="summary"></p>
</div>
<div role="toolbar" aria-label="${escapeHtml(texts.toolbar)}" aria-controls="graph">
${toolButton('zoom-out', texts.zoomOut, '−')}
${toolButton('zoom-in', texts.zoomIn, '+')}
${toolButton('fit', texts.fit, '0')}
</div>
</header>
<div id="notices"></div>
<p id="keys" hidden>${escapeHtml(texts.keys)}</p>
<div id="graph" role="application" aria-label="${escapeHtml(texts.graph)}" aria-describedby="keys" hidden>
<div id="stage"><svg id="edges" aria-hidden="true" focusable="false"></svg><div id="nodes"></div></div>
</div>
<footer hidden>
<section aria-label="${escapeHtml(texts.legend)}"><ul id="legend"></ul></section>
<details><summary>${escapeHtml(texts.list)}</summary><ol id="list"></ol></details>
</footer>
</main>
<div id="announcements" class="unseen" role="status" aria-live="polite"></div>`;
}

/** The fixed texts of the graph's page. */
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
