/**
 * Commands as they are free: each word as it is written, or a place for others. `<file>` is a file of the working
 * directory, `<text>` any text, `<numbers>` numbers with dots between them, `<revision>` a commit or a branch. Pure, and
 * strict: whatever a shell could read in another way matches no form.
 */

const PLACES: Readonly<Record<string, RegExp>> = {
  file: /^\w[\w.-]*$/,
  text: /^(?!-)/,
  numbers: /^\d+(?:\.\d+)*$/,
  revision: /^\w[\w./-]*$/,
};

/** The parts of a word of a form: what is before a place, the place, and what is after it. */
const PLACE = /<(\w+)>/;

/** A word, or parts of one, without anything that a shell replaces. */
const WORD = /(?:[\w@%:,./=+-]+|"[^"$`\\]*"|'[^']*')+/y;

/** What separates commands, in quotes too: shells do not agree on quotes. */
const CONTROL = /[;&|<>`\p{Cc}]|\$[({]/u;

export function matchesForm(form: string, command: string): boolean {
  const words = wordsOf(command);
  const wanted = form.split(' ');
  return words?.length === wanted.length && wanted.every((word, index) => matchesWord(word, words[index] ?? ''));
}

/** Undefined for a command that is not plain. */
function wordsOf(command: string): readonly string[] | undefined {
  if (CONTROL.test(command)) return undefined;
  const words: string[] = [];
  const text = command.trim();
  for (let at = 0; at < text.length;) {
    WORD.lastIndex = at;
    const [word] = WORD.exec(text) ?? [];
    if (word === undefined) return undefined;
    words.push(word.replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ''));
    at += word.length;
    const next = /^ +/.exec(text.slice(at))?.[0] ?? '';
    if (next === '' && at < text.length) return undefined;
    at += next.length;
  }
  return words;
}

function matchesWord(wanted: string, word: string): boolean {
  const [before = '', place, after = ''] = wanted.split(PLACE);
  if (place === undefined) return word === wanted;
  const isAround = word.length >= before.length + after.length && word.startsWith(before) && word.endsWith(after);
  return isAround && PLACES[place]?.test(word.slice(before.length, word.length - after.length)) === true;
}
