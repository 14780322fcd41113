/** A webview's page before its script has run: its content policy and its data. Pure. */

export interface PageShell {
  readonly title: string;
  /** What the page is about: an id that brings its panel back after a reload. */
  readonly subject: string;
  /** The name of the page, if it has a script. */
  readonly page?: string;
  readonly language: string;
  /** Markup of ours alone; texts in it have gone through `escapeHtml`. */
  readonly body: string;
  /** The texts that the page's script needs, in the editor's language. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Used once, for this page's script. */
  readonly nonce: string;
  /** Where this panel's files come from. */
  readonly cspSource: string;
  /** Addresses of the script, if the page has one, and of the style sheets. */
  readonly script?: string;
  readonly styles: readonly string[];
}

/** The page loads the extension's own style sheets and the script with the nonce, and nothing else. */
export function pageHtml(shell: PageShell): string {
  const { title, subject, page = '', language, body, texts = {}, nonce, cspSource, script, styles } = shell;
  const policy = [
    "default-src 'none'",
    `style-src ${cspSource}`,
    ...(script === undefined ? [] : [`script-src 'nonce-${nonce}'`]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
${styles.map((style) => `<link rel="stylesheet" href="${escapeHtml(style)}">`).join('\n')}
</head>
<body data-page="${escapeHtml(page)}" data-subject="${escapeHtml(subject)}" data-texts="${escapeHtml(JSON.stringify(texts))}">
${body}
${script === undefined ? '' : `<script nonce="${nonce}" src="${escapeHtml(script)}"></script>`}
</body>
</html>`;
}

/** A button of a picture's toolbar; the style sheet draws its sign. The tooltip names the key, too. */
export function toolButton(id: string, text: string, key: string): string {
  const name = escapeHtml(text);
  return `<button type="button" id="${id}" class="secondary" aria-label="${name}" title="${name} (${key})" aria-keyshortcuts="${key}"></button>`;
}

/** Text that is safe in markup and in attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
