/**
 * What VS Code's conventions forbid or bind to one place, searched for in the sources themselves. The rows are those of
 * docs/conventions-checklist.md.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { readManifest } from '../../support/manifest/manifest';
import { inProject } from '../../../tools/project';

interface Source {
  /** Below `src`, with slashes. */
  readonly file: string;
  /** Without comments. */
  readonly code: string;
}

function read(folder: string, ending: RegExp): Source[] {
  const entries = readdirSync(inProject(folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({
      file: path.relative(inProject(folder), file).split(path.sep).join('/'),
      code: ending.source.includes('css') ? readFileSync(file, 'utf8') : withoutComments(readFileSync(file, 'utf8')),
    }));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/(^|\s)\/\/.*$/gm, ' ');
}

describe('the conventions', () => {
  const sources = read('src', /\.tsx?$/);
  const styles = read('media', /\.css$/);

  /** Where the pattern stands. */
  const places = (pattern: RegExp, within: readonly Source[] = sources): string[] =>
    within.filter(({ code }) => pattern.test(code)).map(({ file }) => file);

  it('are searched for in all sources', () => {
    assert.ok(sources.length > 300);
    assert.ok(styles.length > 0);
    assert.deepEqual(places(/createOutputChannel/), ['extension.ts']);
  });

  const NEVER: readonly (readonly [row: number, what: string, pattern: RegExp])[] = [
    [8, 'HTML in tooltips', /supportHtml/],
    [35, 'page of settings of our own', /settingsPage|SettingsEditor/],
    [37, 'place that takes the first folder for the one that is meant', /workspaceFolders\??\.?\[0\]/],
    [42, 'start with every window', /onStartupFinished/],
    [53, 'pages kept alive while hidden', /retainContextWhenHidden/],
    [55, 'Markdown that may run every command', /isTrusted\s*[:=]\s*true/],
    [56, 'processes started by a shell', /shell:\s*(true|'|")/],
    [58, 'telemetry', /TelemetryLogger|sendTelemetry|TelemetryReporter/],
    [59, 'prints past the log of the extension', /\bconsole\.(log|info|warn|error|debug)\(/],
  ];

  for (const [row, what, pattern] of NEVER) {
    it(`allow no ${what} (row ${String(row)})`, () => {
      assert.deepEqual(places(pattern), []);
    });
  }

  it('set context keys in one place (row 19)', () => {
    assert.deepEqual(places(/'setContext'/), ['window/context/contextKeys.ts']);
  });

  it('color the status bar in one place, and only as a warning (row 24)', () => {
    assert.deepEqual(places(/backgroundColor/), ['views/statusBar.ts']);
    assert.deepEqual(places(/statusBarItem\.errorBackground/), []);
  });

  it('ask modal questions in one place (row 28)', () => {
    assert.deepEqual(places(/modal:\s*true/), ['window/dialogs/ask.ts']);
  });

  it('keep colors to those of the theme (rows 51, 52, 54)', () => {
    const literal = /(#[0-9a-fA-F]{3,8}\b|\b(rgb|rgba|hsl|hsla)\()/;
    assert.deepEqual(places(literal, styles), []);
    assert.deepEqual(places(/['"`:\s]#([0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})['"`;\s]/), []);
  });

  it('let pages load nothing from elsewhere (row 53)', () => {
    const pages = sources.filter(({ code }) => code.includes('Content-Security-Policy'));
    assert.ok(pages.length > 0);
    for (const { file, code } of pages) {
      assert.match(code, /default-src 'none'/, file);
      assert.doesNotMatch(code, /unsafe-(eval|inline)/, file);
    }
    assert.deepEqual(places(/<script[^>]+src=["']https?:/), []);
  });

  it('work where the files are, and only there (rows 40, 41)', () => {
    const { extensionKind, capabilities } = readManifest();
    assert.deepEqual(extensionKind, ['workspace']);
    assert.equal(capabilities.virtualWorkspaces.supported, false);
    assert.equal(capabilities.untrustedWorkspaces.supported, 'limited');
  });
});
