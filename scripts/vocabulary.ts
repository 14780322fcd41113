/**
 * Words that the project does not use, with what to write instead: in prose (comments, strings, titles of tests, docs)
 * and in identifiers. `test/contract/texts/vocabulary.test.ts` searches every file for them.
 */
import * as ts from 'typescript';

interface Rule {
  readonly words: RegExp;
  readonly instead: string;
}

const rule = (words: string, instead: string): Rule => ({ words: new RegExp(`\\b(?:${words})\\b`, 'gi'), instead });

/** In comments, strings, and documents. */
const PROSE: readonly Rule[] = [
  rule('told|tells? (?:of|about)|telling', 'reports, shows, describes'),
  rule('mend(?:s|ed|ing)?', 'fix, repair'),
  rule('anew|afresh', 'again'),
  rule('begun|begins?|began', 'start, started'),
  rule('at work', 'running'),
  rule('by (?:itself|themselves)', 'automatically, on its own'),
  rule('go(?:es)? on|went on|going on', 'continues'),
  rule('for ever', 'forever'),
  rule('whoever|nobody|somebody|anybody', 'the caller, no other process, another window'),
  rule('shall|(?:is|are|was|were) to be', 'must, will'),
  rule('what bec[ao]mes? of', 'result of, status of'),
  rule('look(?:s|ed|ing)? (?:at|for)', 'check, search'),
  rule('t[ao]k(?:e|es|en|ing) (?:up|along|back)|took (?:up|along|back)', 'adopt, move, undo'),
  rule('lies beside|stands? (?:in|beside|on)|lives? in', 'is next to, is in'),
  rule('in its own words', 'reported by git: "…"'),
  rule('hinder(?:s|ed|ing)?', 'block, prevent'),
  rule('wish(?:es|ed)?', 'request'),
  rule('for want of', 'because … is missing'),
  rule('seldom', 'rare'),
  // The component of the record's format has that name, in quotes.
  rule("(?<!['`])village(?!['`])", 'tasks'),
  rule('surroundings|sightings?|standstill|whereabouts|strays?|kept work', 'a word of the vocabulary'),
  rule('\\w*(?:behaviour|neighbour|colour|favour|honour|judgement|artefact)\\w*', 'the American spelling'),
  rule('\\w*(?:initialis|synchronis|recognis|serialis|normalis|organis|summaris)\\w*', 'the American spelling'),
  rule('misspelt|spelt|learnt|labelled|modelled|travelled|whilst|amongst|centre', 'the American spelling'),
];

/** A statement of SQL, and the first line of a key. */
const SQL_BEGIN = 'BEGIN';

/** As parts of camel-cased names. */
const NAMES: readonly Rule[] = [
  rule('told|tell|tells|mend|mends|mended|anew|begun|wish|wishes|wished|hinder|hinders|hindered', 'a plain verb'),
  rule('standing|standings|surroundings|sighting|sightings|standstill|whereabouts|stray|strays', 'a standard noun'),
  rule('scene|scenes|village|villages|nobody|whoever|somebody|kept work', 'a standard noun'),
  rule('neighbours?|behaviours?|colours?|judgement', 'the American spelling'),
];

/** Most texts have none of the words, and one pattern for all of them finds that out. */
const anyOf = (rules: readonly Rule[]): RegExp => new RegExp(rules.map(({ words }) => words.source).join('|'), 'i');
const ANY = new Map([PROSE, NAMES].map((rules) => [rules, anyOf(rules)]));

/** Names without any of the words: most of them are in many files. */
const goodNames = new Set<string>();

/** Names with underscores belong to stored formats, which keep them. */
const STORED_NAME = /_[a-z]/;

/** A word in use. */
export interface DeniedWord {
  /** From 1. */
  readonly line: number;
  readonly word: string;
  readonly instead: string;
}

/** Of a document, a list of texts, or a style sheet. */
export function deniedInText(text: string): DeniedWord[] {
  return text.split('\n').flatMap((line, index) => search(PROSE, line, index + 1));
}

/** Of a source: its comments, strings, and names. */
export function deniedInSource(text: string): DeniedWord[] {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
  const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1;
  const found: DeniedWord[] = [];
  const seen = new Set<number>();
  const prose = (from: number, to: number): void => {
    if (seen.has(from)) return;
    seen.add(from);
    for (const [index, line] of text.slice(from, to).split('\n').entries()) {
      found.push(...search(PROSE, line, lineAt(from) + index));
    }
  };
  const visit = (node: ts.Node): void => {
    for (const { pos, end } of ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []) prose(pos, end);
    for (const { pos, end } of ts.getTrailingCommentRanges(text, node.getEnd()) ?? []) prose(pos, end);
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      prose(node.getStart(source), node.getEnd());
    } else if (ts.isIdentifier(node) && !goodNames.has(node.text) && !STORED_NAME.test(node.text)) {
      const words = search(NAMES, wordsOf(node.text), lineAt(node.getStart(source)));
      if (words.length === 0) goodNames.add(node.text);
      found.push(...words);
    }
    node.forEachChild(visit);
  };
  visit(source);
  for (const { pos, end } of ts.getLeadingCommentRanges(text, source.endOfFileToken.getFullStart()) ?? [])
    prose(pos, end);
  return found;
}

function wordsOf(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll('_', ' ');
}

function search(rules: readonly Rule[], text: string, line: number): DeniedWord[] {
  if (ANY.get(rules)?.test(text) === false) return [];
  return rules.flatMap(({ words, instead }) =>
    [...text.matchAll(words)].filter(([word]) => word !== SQL_BEGIN).map(([word]) => ({ line, word, instead })),
  );
}
