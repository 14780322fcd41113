/** The documents and the comments of this project, and the files, headings and commands that they name. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { inProject } from '../../../tools/project';

/** A place in a document or comment that names something. */
export interface Mention {
  readonly file: string;
  readonly line: number;
  readonly name: string;
}

const SKIPPED = new Set(['node_modules', 'dist', 'out', '.git', '.cache', '.tmp']);
const SOURCES = /^(src|test|scripts|bench|tools)\//;

/** Every file of the project, relative, with slashes. */
export function projectFiles(folder = ''): string[] {
  return readdirSync(inProject(folder), { withFileTypes: true }).flatMap((entry) => {
    const file = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : projectFiles(file);
    return entry.isFile() ? [file] : [];
  });
}

export const isMarkdown = (file: string): boolean => file.endsWith('.md');

export const isSource = (file: string): boolean => SOURCES.test(file) && /\.(tsx?|mjs)$/.test(file);

export function textOf(file: string): string {
  return readFileSync(inProject(file), 'utf8');
}

const known = new Map<string, string>();

/** The text of a document, or the comments of a source; everything else is blank, so that lines keep their numbers. */
export function proseOf(file: string): string {
  const prose = known.get(file) ?? readProse(file);
  known.set(file, prose);
  return prose;
}

function readProse(file: string): string {
  const text = textOf(file);
  if (!isSource(file)) return text;
  const blank = (code: string): string => code.replace(/[^\n]/g, ' ');
  let prose = '';
  let from = 0;
  for (const comment of text.matchAll(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm)) {
    prose += blank(text.slice(from, comment.index)) + comment[0];
    from = comment.index + comment[0].length;
  }
  return prose + blank(text.slice(from));
}

export function mentions(file: string, pattern: RegExp, text = proseOf(file)): Mention[] {
  return [...text.matchAll(pattern)].map((match) => ({
    file,
    line: text.slice(0, match.index).split('\n').length,
    name: match[1] ?? match[0],
  }));
}

/** The anchors of a document's headings, as GitHub makes them. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutFences(markdown).matchAll(/^#{1,6}\s+(.*)$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
    const taken = (n: number): string => (n === 0 ? slug : `${slug}-${n}`);
    let n = 0;
    while (anchors.has(taken(n))) n += 1;
    anchors.add(taken(n));
  }
  return anchors;
}

/** The cells of all tables below a heading, row by row, without heads and code marks; an empty cell repeats the one above. */
export function tableRows(file: string, heading: string): string[][] {
  const section =
    textOf(file)
      .split(/^#+ /m)
      .find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const rows: string[][] = [];
  for (const table of section.split(/\n(?!\|)/)) {
    const [, , ...lines] = table.split('\n').filter((line) => line.startsWith('|'));
    for (const line of lines) {
      const cells = line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.replaceAll('`', '').trim());
      const [first = ''] = cells;
      rows.push([first === '' ? (rows.at(-1)?.[0] ?? '') : first, ...cells.slice(1)]);
    }
  }
  return rows;
}

function withoutFences(markdown: string): string {
  return markdown.replace(/^```[^]*?^```/gm, '');
}

/** The problem with what `target` names, seen from `file`; undefined where it is there. */
export function linkProblem(file: string, target: string): string | undefined {
  const [name = '', anchor] = target.split('#');
  const linked = name === '' ? file : path.posix.join(path.posix.dirname(file), decodeURI(name));
  if (!existsSync(inProject(linked))) return 'no such file';
  if (anchor === undefined || !isMarkdown(linked) || anchorsOf(textOf(linked)).has(anchor)) return undefined;
  return 'no such heading';
}
