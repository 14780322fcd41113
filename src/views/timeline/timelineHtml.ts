/** The empty page of the timeline: its parts and its fixed texts. Pure. */
import type { TimelinePageTexts } from '../../contract/pages/timeline';
import type { Localizer } from '../rows/localizer';
import { escapeHtml, toolButton } from '../webview/pageHtml';

export function timelineHtml(l10n: Localizer): string {
  const keys = l10n.t(
    'Use the left and right arrow keys to move along a lane, up and down to change lanes, Enter to open an item, plus and minus to zoom, 0 to show everything, and Shift with the left and right arrow keys to pan.',
  );
  const text = (message: string): string => escapeHtml(message);
  const hint = pageTexts(l10n).hint;
  return `<main>
<header>
<div class="heading">
<h1 id="title">${text(l10n.t('Reading the run…'))}</h1>
<p id="summary"></p>
</div>
<div role="toolbar" aria-label="${text(l10n.t('Zoom and export'))}" aria-controls="timeline">
${toolButton('zoom-out', l10n.t('Zoom Out'), '−')}
${toolButton('zoom-in', l10n.t('Zoom In'), '+')}
${toolButton('fit', l10n.t('Show All'), '0')}
<button type="button" id="export" class="secondary word">${text(l10n.t('Export…'))}</button>
</div>
</header>
<div id="notices"></div>
<p id="keys" hidden>${text(keys)}</p>
<div id="timeline" role="application" aria-label="${text(l10n.t('Timeline of the run'))}" aria-describedby="keys" hidden>
<svg id="axis" aria-hidden="true" focusable="false"></svg>
<div id="lanes"><div id="labels" aria-hidden="true"></div><svg id="shapes" tabindex="-1"></svg></div>
<div id="budgets"></div>
</div>
<section id="why" aria-label="${text(l10n.t('Why'))}" hidden><h2 id="what">${text(hint)}</h2><pre id="because" tabindex="0"></pre></section>
<footer hidden><section aria-label="${text(l10n.t('Legend'))}"><ul id="legend"></ul></section></footer>
</main>
<div id="announcements" class="unseen" role="status" aria-live="polite"></div>`;
}

export function pageTexts(l10n: Localizer): TimelinePageTexts {
  return {
    several: l10n.t('{0} items close together; press Enter to zoom in'),
    hint: l10n.t('Point to an item, or select it with the arrow keys, to see why it happened.'),
  };
}
