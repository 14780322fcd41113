/** What documents and comments name is there: files, headings, tests, and npm scripts. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import * as z from 'zod';
import {
  isMarkdown,
  isSource,
  linkProblem,
  mentions,
  projectFiles,
  proseOf,
  tableRows,
  textOf,
  type Mention,
} from '../../support/documents/documents';
import { inProject } from '../../../tools/project';

const TOP_FOLDERS = 'src|test|scripts|docs|bench|bin|media|prompts|tools';
/** A path from the project's folder; also one that continues with a name to fill in, `src/services/<kind>/`. */
const PROJECT_PATH = new RegExp(`(?<![\\w./@~-])(?:${TOP_FOLDERS})/[\\w.@*<>{}…/-]*`, 'g');
/** A source file by the end of its path. */
const SOURCE_FILE = /(?<![\w./@*<>-])[\w][\w./-]*\.(?:tsx?|mjs)\b/g;
const HEADING = /docs\/[\w/]+\.md#[\w-]+/g;

/** Names of a protocol, and files of repositories that tests make. */
const EXAMPLES = /^(tools\/(list|package-lock\.json)|docs\/requirements\.txt|src\/parcels\.egg-info)$/;

const MANIFEST = z.object({
  contributes: z.object({
    views: z.record(z.string(), z.array(z.object({ id: z.string() }))),
    commands: z.array(z.object({ command: z.string() })),
    configuration: z.union([
      z.object({ properties: z.record(z.string(), z.unknown()) }),
      z.array(z.object({ properties: z.record(z.string(), z.unknown()) })),
    ]),
  }),
});

describe('documents and comments', () => {
  const files = projectFiles();
  const documents = files.filter((file) => isMarkdown(file));
  const sources = files.filter((file) => isSource(file));
  const all = [...documents, ...sources];

  const shown = ({ file, line, name }: Mention): string => `${file}:${line} ${name}`;

  it('are found', () => {
    assert.ok(documents.length > 20);
    assert.ok(sources.length > 1000);
  });

  it('link to files and headings that are there', () => {
    const broken = documents.flatMap((file) =>
      mentions(file, /\]\(([^)\s]+)\)/g, textOf(file).replace(/`[^`\n]*`/g, ''))
        .filter(({ name }) => !/^[a-z]+:/.test(name))
        .flatMap((mention) => linkProblem(file, mention.name) ?? [])
        .map((problem) => `${file}: ${problem}`),
    );
    assert.deepEqual(broken, []);
  });

  it('name paths that are there', () => {
    const missing = all
      .flatMap((file) => mentions(file, PROJECT_PATH))
      .filter(({ name }) => !EXAMPLES.test(name) && !existsSync(inProject(certainPart(name))));
    assert.deepEqual(missing.map(shown), []);
  });

  it('name source files that are there', () => {
    const known = new Set(files.filter((file) => /\.(tsx?|mjs)$/.test(file)).flatMap((file) => endsOf(file)));
    const missing = all
      .flatMap((file) => mentions(file, SOURCE_FILE))
      .filter(({ name }) => !EXAMPLES.test(name) && !known.has(name));
    assert.deepEqual(missing.map(shown), []);
  });

  it('name headings that are there', () => {
    const missing = sources
      .flatMap((file) => mentions(file, HEADING))
      .filter(({ name }) => linkProblem('README.md', name) !== undefined);
    assert.deepEqual(missing.map(shown), []);
  });

  it('cite no document that is not here', () => {
    const cited = all.filter((file) => /§|\bspec\/[\w-]+\.md/.test(proseOf(file)));
    assert.deepEqual(cited, []);
  });

  it('describe every room of the layers, and no other', () => {
    const rooms = tableRows('CONTRIBUTING.md', 'Architecture').map(([layer = '', folders = '']) => [layer, folders]);
    for (const layer of ['kernel', 'contract', 'host', 'services']) {
      const described = rooms.filter(([of]) => of === layer).flatMap(([, folders = '']) => folders.split(' '));
      const there = readdirSync(inProject('src', layer), { withFileTypes: true }).filter((entry) =>
        entry.isDirectory(),
      );
      assert.deepEqual(described.sort(), there.map(({ name }) => name).sort(), layer);
    }
  });

  it('number behaviors of the original, and defects, that have a row', () => {
    const rows = ['docs/compatibility.md', 'docs/tasks-coverage.md'].map((file) => textOf(file)).join('\n');
    const missing = sources
      .flatMap((file) => mentions(file, /(?<=[(,] ?)([QD]\d{1,2})(?=[,)])/g))
      .filter(({ name }) => !new RegExp(`\\b${name}\\b`).test(rows));
    assert.deepEqual(missing.map(shown), []);
  });

  it('name commands of the palette that are there', () => {
    const titles = new Set([
      ...Object.values(texts('package.nls.json')),
      ...Object.keys(texts('l10n/bundle.l10n.json')),
    ]);
    const missing = documents
      .flatMap((file) => mentions(file, /(?<![\w*])\*(?:Intercore: )?([A-Z][^*\n]{2,40}…)\*(?!\*)/g))
      .filter(({ name }) => !titles.has(name) && !/^(File|Extensions): /.test(name));
    assert.deepEqual(missing.map(shown), []);
  });

  it('name settings, commands and views that are there', () => {
    const { contributes } = MANIFEST.parse(JSON.parse(textOf('package.json')));
    const known = [
      ...Object.values(contributes.views).flatMap((views) => views.map(({ id }) => id)),
      ...contributes.commands.map(({ command }) => command),
      ...[contributes.configuration].flat().flatMap(({ properties }) => Object.keys(properties)),
    ];
    const missing = all
      .flatMap((file) => mentions(file, /(?<![\w./-])intercore\.(?!db)[a-z]\w*\.[\w.]*\w(?![\w*])/g))
      .filter(({ name }) => !known.some((id) => id === name || id.startsWith(`${name}.`)));
    assert.deepEqual(missing.map(shown), []);
  });

  it('name commands of ic that are there', () => {
    const known = mentions('docs/cli.md', /^### ic (.+)$/gm).map(({ name }) => `${name} `);
    const missing = documents
      .flatMap((file) => mentions(file, /`(?:[^`\n]*\s)?ic ([a-z][a-z-]*(?: [a-z][a-z-]*)?)(?=[ `|=.…<])/g))
      .filter(({ name }) => {
        const [noun = ''] = name.split(' ');
        const isNoun = known.some((command) => command.startsWith(`${noun} `) && command !== `${noun} `);
        return noun !== 'help' && !known.some((command) => command.startsWith(`${isNoun ? name : noun} `));
      });
    assert.deepEqual(missing.map(shown), []);
  });

  it('name built programs whose sources are there', () => {
    const missing = all
      .flatMap((file) => mentions(file, /node out\/([\w/]+)\.js/g))
      .filter(({ name }) => !existsSync(inProject(`${name}.ts`)));
    assert.deepEqual(missing.map(shown), []);
  });

  it('name npm scripts that are there', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(textOf('package.json')));
    const missing = all
      .flatMap((file) => mentions(file, /\bnpm run ([\w:-]+)/g))
      .filter(({ name }) => !(name in scripts));
    assert.deepEqual(missing.map(shown), []);
  });

  it('name tests of the checklist that are there', () => {
    const file = 'docs/conventions-checklist.md';
    const tests = files.filter((name) => name.startsWith('test/'));
    const missing = mentions(file, /`((?:contract|services|extension|ui|host|cli|kernel)\/[\w/]+)`/g).filter(
      ({ name }) => !tests.some((test) => test === `test/${name}.test.ts` || test.startsWith(`test/${name}/`)),
    );
    assert.deepEqual(missing.map(shown), []);
  });
});

function texts(file: string): Record<string, string> {
  return z.record(z.string(), z.string()).parse(JSON.parse(textOf(file)));
}

/** A path up to the name to fill in, without the end of a sentence. */
function certainPart(name: string): string {
  const open = name.search(/[*<>{}…]/);
  if (open === -1) return name.replace(/[.,-]+$/, '');
  return name.slice(0, name.slice(0, open).lastIndexOf('/') + 1);
}

/** A path, and all ends of it that start with the name of a folder or of the file. */
function endsOf(file: string): string[] {
  const parts = file.split('/');
  return parts.map((_, at) => parts.slice(at).join('/'));
}
