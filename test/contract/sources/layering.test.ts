/** Imports point downwards only, and `vscode` stays in the top layer (`docs/design/architecture.md#layers`). */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { inProject } from '../../../tools/project';

/** What each layer may import from, besides itself. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  contract: ['kernel'],
  host: ['kernel', 'contract'],
  services: ['kernel', 'contract', 'host'],
  views: ['kernel', 'contract', 'host', 'services'],
  window: ['kernel', 'contract', 'host', 'services'],
  commands: ['kernel', 'contract', 'host', 'services', 'window'],
  cli: ['kernel', 'contract', 'host', 'services'],
  webview: ['contract'],
};
const EDITOR_LAYERS = ['views', 'commands', 'window', 'extension.ts'];

interface Import {
  readonly from: string;
  readonly specifier: string;
}

function sources(): string[] {
  const entries = readdirSync(inProject('src'), { recursive: true, withFileTypes: true });
  return entries.filter((e) => e.isFile() && /\.tsx?$/.test(e.name)).map((e) => path.join(e.parentPath, e.name));
}

function importsOf(file: string): Import[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'));
  return importedFiles.map(({ fileName }) => ({ from: path.relative(inProject('src'), file), specifier: fileName }));
}

/** Files and folders at the top of the repository. */
const TOP = [
  ...['src', 'test', 'bench', 'scripts', 'tools', 'media', 'prompts', 'l10n', 'bin', 'docs'],
  ...['package.json', 'package-lock.json', 'package.nls.json', 'package.nls.de.json', 'tsconfig.json', 'esbuild.mjs'],
  'oxlint.config.mjs',
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'LICENSE', 'THIRD_PARTY_NOTICES.txt'],
  ...['AGENTS.md', 'CODE_OF_CONDUCT.md'],
  ...[
    '.ci',
    '.devcontainer',
    '.github',
    '.vscode',
    '.editorconfig',
    '.gitignore',
    '.mocharc.json',
    '.npmignore',
    '.prettierignore',
  ],
  ...['.oxfmtrc.json', '.prettierrc.json', '.vscodeignore'],
];

const layerOf = (file: string): string => file.split(path.sep)[0] ?? '';

describe('the layers', () => {
  const imports = sources().flatMap(importsOf);

  it('import downwards only', () => {
    const upwards = imports.filter(({ from, specifier }) => {
      if (!specifier.startsWith('.')) return false;
      const target = layerOf(path.join(path.dirname(from), specifier));
      const layer = layerOf(from);
      return layer !== 'extension.ts' && target !== layer && !(BELOW[layer] ?? []).includes(target);
    });
    assert.ok(imports.length > 100);
    assert.deepEqual(upwards, []);
  });

  it('keep vscode in views, commands, the window and the extension itself', () => {
    const orphans = imports.filter(
      ({ from, specifier }) => specifier === 'vscode' && !EDITOR_LAYERS.includes(layerOf(from)),
    );
    assert.deepEqual(orphans, []);
  });

  it('have a repository with no leftover files at its root', () => {
    const listed = execFileSync('git', ['ls-files', '-z'], { cwd: inProject('.'), encoding: 'utf8' });
    const top = new Set(listed.split('\0').flatMap((file) => file.split('/')[0] || []));
    assert.deepEqual([...top].sort(), [...TOP].sort());
  });

  it('keep files and processes out of the kernel', () => {
    const orphans = imports.filter(({ from, specifier }) => {
      return layerOf(from) === 'kernel' && !specifier.startsWith('.') && !/^(zod|sql\.js)(\/|$)/.test(specifier);
    });
    assert.deepEqual(orphans, []);
  });
});
