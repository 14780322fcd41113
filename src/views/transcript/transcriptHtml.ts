/** The empty page of a transcript: its parts and its fixed texts. Pure. */
import type { TranscriptPageTexts } from '../../contract/pages/transcript';
import type { Localizer } from '../rows/localizer';
import { escapeHtml } from '../webview/pageHtml';

export function transcriptHtml(l10n: Localizer): string {
  const text = escapeHtml;
  const button = (id: string, name: string, attributes = ''): string =>
    `<button type="button" id="${id}" class="secondary word" ${attributes}>${text(name)}</button>`;
  const keys = l10n.t(
    'Use the up and down arrow keys to move from entry to entry, Enter to unfold an entry, D to open its changes, Home and End to move to the first and the last entry, and the slash key to search.',
  );
  const search = text(l10n.t('Search in the transcript'));
  return `<main>
<header>
<div class="heading">
<h1 id="title">${text(l10n.t('Reading the transcript…'))}</h1>
<p id="summary"></p>
</div>
<div role="toolbar" aria-label="${text(l10n.t('Search and export'))}" aria-controls="entries">
<input type="search" id="search" placeholder="${search}" aria-label="${search}" spellcheck="false">
<span id="found" role="status"></span>
<button type="button" id="previous" class="secondary sign-button" aria-label="${text(l10n.t('Previous Match'))}" title="${text(l10n.t('Previous Match'))}" disabled>↑</button>
<button type="button" id="next" class="secondary sign-button" aria-label="${text(l10n.t('Next Match'))}" title="${text(l10n.t('Next Match'))}" disabled>↓</button>
${button('follow', l10n.t('Follow'), `aria-pressed="true" title="${text(l10n.t('Show new entries as they arrive'))}"`)}
${button('export', l10n.t('Export…'))}
${button('log', l10n.t('Show Log'))}
</div>
</header>
<p id="notice" class="notice warning" hidden></p>
<details id="plan" hidden><summary id="plan-title"></summary><ul id="steps" class="steps"></ul></details>
<p id="keys" hidden>${text(keys)}</p>
<div id="viewport"><div id="entries" role="feed" aria-label="${text(l10n.t('Transcript'))}" aria-describedby="keys"></div></div>
</main>`;
}

export function pageTexts(l10n: Localizer): TranscriptPageTexts {
  return {
    found: l10n.t('{0} of {1}'),
    foundMore: l10n.t('{0} of more than {1}'),
    notFound: l10n.t('No results'),
    showAll: l10n.t('Show All'),
    openDiff: l10n.t('Changes of {0}'),
    loading: l10n.t('Loading…'),
  };
}
