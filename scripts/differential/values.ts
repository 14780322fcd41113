/**
 * Values by the word that stands for them in the table of commands: `<run>`, `FILE`, `1-5`, `json|text`. `{run}` is the run
 * that the sequence created last, `{first run}` the first one, `{folder}` the folder of the sequence.
 */

const FILES = ['payload.json', 'prompt.sh', 'none.txt', '{folder}/payload.json', '.'];
const FOLDERS = ['{folder}', '{folder}/a', '{folder}/b', 'a', 'a/', '/none'];
const NUMBERS = ['0', '1', '2', '5', '100'];
const PHASES = ['brainstorm', 'planned', 'executing', 'done', 'a', 'b'];
const TEXTS = ['text', 'two words', 'ä<b>&"c', 'x', '{}'];

/** Operands are in lower case, values of flags in upper case, as help shows them. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  agent: ['{agent}'],
  answer: ['allow', 'deny', 'accept', 'decline'],
  BOOL: ['true', 'false', '1', 'yes'],
  consumer: ['c', 'd'],
  DIR: FOLDERS,
  'DIR,DIR': ['{folder}/a,{folder}/b', 'a,b', '/a,/b,/c', 'a', 'a,a/'],
  discovery: ['{discovery}', '{first discovery}'],
  dispatch: ['{dispatch}', '{first dispatch}'],
  DISPATCH: ['{dispatch}'],
  DURATION: ['1h', '10ms', '0s', '24h', '1.5s'],
  FILE: FILES,
  folder: FOLDERS,
  FOLDER: FOLDERS,
  FROM: PHASES,
  ID: ['1', '0', '{dispatch}', 'id'],
  JSON: ['["a","b","c"]', '["a","b"]', '{"a":1}', '[]', '{"ä":[1.50,null]}'],
  key: ['k', 'l', 'phase'],
  N: NUMBERS,
  NAME: ['n', 'ä n'],
  phase: PHASES,
  number: NUMBERS,
  PHASE: PHASES,
  portfolio: ['{portfolio}', '{portfolio}', '{run}'],
  PORTFOLIO: ['{portfolio}'],
  project: ['{project}'],
  RUN: ['{run}', '{portfolio}'],
  run: ['{run}', '{run}', '{first run}', '{portfolio}'],
  scope: ['s', 't'],
  SCOPE: ['s', '{run}'],
  SECONDS: NUMBERS,
  SIGNAL: ['boost', 'penalize'],
  STATUS: ['new', 'scored', 'dismissed', 'active'],
  subtask: ['{subtask}'],
  SUBTASK: ['{subtask}', '{first subtask}'],
  task: ['{task}'],
  TIER: ['high', 'medium', 'low', 'discard'],
  TIME: ['0', '1700000000', '2024-01-01T00:00:00Z'],
  URL: ['https://example.com/a'],
  USD: ['0', '0.25', '3'],
  X: ['{"a":1}', '@payload.json', '@none.txt', '00000000', '@vector'],
};

/** Substitutes for any value: empty, too large, no number, more than ASCII, a byte order mark. */
export const ODD = ['', ' ', '-1', '1e999', 'NaN', '0x10', '9223372036854775808', '0.5', '\uFEFFa', 'é'.repeat(300)];

/** The words that stand for `word`; those of any text where it has no row here. */
export function valuesOf(word: string): readonly string[] {
  const range = /^(\d+)-(\d+)$/.exec(word);
  if (range !== null) {
    const [least, most] = [Number(range[1]), Number(range[2])];
    return [least, most, (least + most) / 2, most + 1].map(String);
  }
  if (word.startsWith('@')) return valuesOf(word.slice(1)).map((value) => `@${value}`);
  if (word.includes('|')) return word.split('|').flatMap((choice) => KINDS[choice] ?? [choice]);
  return KINDS[word] ?? TEXTS;
}
