/** The empty page of the graph: its parts and its fixed texts. Pure. */
import type { GraphPageTexts } from '../../contract/pages/graph';
import { escapeHtml, toolButton } from '../webview/pageHtml';

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
