/** The files that a command of `ic` or `bd` names in its flags, as far as they can be known without a shell. Pure. */

/** What a shell replaces outside of quotes, and inside of double quotes. */
const REPLACED = /[\\$~*?{}[\]]/;
const REPLACED_IN_QUOTES = /[\\$]/;

const QUOTED = /'[^']*'|"([^"]*)"/g;
const WORD = /(?:[^\s"']|"[^"]*"|'[^']*')+/g;
/** Flags that name a file: with a text, or the record. */
const FILE_FLAG = /^--?(?:[\w-]*file|db)(?:=(.*))?$/s;

/** Paths as they are written; null in place of what only a shell knows. Empty for other programs. */
export function filesOfOwnCommand(command: string): readonly (string | null)[] {
  if (!/^\s*(?:ic|(?:\S*\/)?bd[\w.-]*)\s/.test(command)) return [];
  const bare = command.replace(QUOTED, (_, text = '') => (REPLACED_IN_QUOTES.test(String(text)) ? '$' : ''));
  if (REPLACED.test(bare) || /["']/.test(bare)) return [null];
  return (command.match(WORD) ?? []).flatMap((written) => {
    const [flag, file = null] = FILE_FLAG.exec(written.replace(/["']/g, '')) ?? [];
    return flag === undefined ? [] : [file];
  });
}
