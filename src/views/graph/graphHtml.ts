/** The page of the graph before anything is drawn: its parts, its fixed texts and what it may load. Pure. */
import type { GraphPageTexts } from '../../contract/graph';

export interface GraphPage {
  readonly portfolioId: string;
  readonly language: string;
  readonly texts: GraphPageTexts;
  /** Used once, for this page's script. */
  readonly nonce: string;
  /** Where this panel's files come from. */
  readonly cspSource: string;
  readonly script: string;
  readonly style: string;
}

export function graphHtml({ portfolioId, language, texts, nonce, cspSource, script, style }: GraphPage): string {
  const policy = [
    "default-src 'none'",
    `style-src ${cspSource}`,
    `script-src 'nonce-${nonce}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(texts.graph)}</title>
<link rel="stylesheet" href="${escapeHtml(style)}">
</head>
<body data-portfolio="${escapeHtml(portfolioId)}">
<main>
<header>
<div class="heading">
<h1 id="title">${escapeHtml(texts.loading)}</h1>
<p id="summary"></p>
</div>
<div role="toolbar" aria-label="${escapeHtml(texts.toolbar)}" aria-controls="graph">
${button('zoom-out', texts.zoomOut, '−')}
${button('zoom-in', texts.zoomIn, '+')}
${button('fit', texts.fit, '0')}
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
<div id="announcements" role="status" aria-live="polite"></div>
<script nonce="${nonce}" src="${escapeHtml(script)}"></script>
</body>
</html>`;
}

/** The tooltip names the key, too. */
function button(id: string, text: string, key: string): string {
  const name = escapeHtml(text);
  return `<button type="button" id="${id}" aria-label="${name}" title="${name} (${key})" aria-keyshortcuts="${key}"></button>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
