/** A language that puts marks around every text of the extension, so that a text without marks is not translated. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';

/** The usual name of such a language. */
export const PSEUDO = 'qps-ploc';

const OPEN = '⟦';
const CLOSE = '⟧';
const LINK = /(\[[^\]]+\]\([^)]+\))/;
const texts = z.record(z.string(), z.string());

/** Adds the language to a staged copy of the extension. */
export async function addPseudoLocale(extension: string): Promise<void> {
  for (const name of ['package.nls', 'l10n/bundle.l10n']) {
    const base = texts.parse(JSON.parse(await readFile(path.join(extension, `${name}.json`), 'utf8')));
    const pseudo = Object.entries(base).map(([key, text]) => [key, marked(text)]);
    await writeFile(path.join(extension, `${name}.${PSEUDO}.json`), JSON.stringify(Object.fromEntries(pseudo)));
  }
}

/** The text in this language. Lines and links have marks of their own, since VS Code shows them as separate parts. */
export const marked = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.split(LINK).map(markedPart).join(''))
    .join('\n');

function markedPart(part: string): string {
  if (part.trim() === '') return part;
  const [, label, target] = /^\[([^\]]+)\]\(([^)]+)\)$/.exec(part) ?? [];
  return label === undefined ? `${OPEN}${part}${CLOSE}` : `[${OPEN}${label}${CLOSE}](${target ?? ''})`;
}

/** What is outside all marks. A text that was cut, or is shown in several parts, may lack a mark at its start or end. */
export function unmarked(text: string): string {
  const inner = /⟦[^⟦⟧]*⟧/g;
  let rest = text;
  while (inner.test(rest)) rest = rest.replace(inner, '');
  return rest.replace(/⟦.*$/s, '').replace(/^.*⟧/s, '');
}
