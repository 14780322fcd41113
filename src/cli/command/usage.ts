/** Help and suggestions, made from the command table. */
import type { CliCommand } from './command';
import { flagDoc, usageLine } from './command';
import type { FlagSpec } from '../grammar/argv';

export const GLOBAL_FLAGS: readonly FlagSpec[] = [
  { name: 'db', value: 'PATH', doc: 'Database to use instead of the nearest .clavain/intercore.db', spaced: true },
  { name: 'timeout', value: 'DURATION', doc: 'How long to wait for a busy database (5s; 1m for agents)' },
  { name: 'json', doc: 'Print data as JSON' },
  { name: 'verbose', doc: 'Print more details on stderr' },
  { name: 'help', doc: 'Help for a command', alias: '-h' },
];

/** The overview printed by `ic`, `ic help` and after an unknown command. */
export function overview(commands: readonly CliCommand[]): string {
  const groups = new Map<string, CliCommand[]>();
  for (const command of commands) {
    const group = groups.get(command.words[0]) ?? [];
    group.push(command);
    groups.set(command.words[0], group);
  }
  const lines = ['usage: ic [--db=PATH] [--timeout=DURATION] [--json] [--verbose] <command> …', ''];
  for (const [name, members] of groups) {
    const own = members.find(({ words }) => words.length === 1);
    const others = members.filter((command) => command !== own).map(({ words }) => words.slice(1).join(' '));
    const list = others.join(', ');
    const text = own === undefined ? list : others.length === 0 ? own.summary : `${own.summary} Also: ${list}`;
    lines.push(`  ${name.padEnd(12)}${text}`);
  }
  lines.push('', 'Run ic help <command> for details about a command.');
  return lines.join('\n');
}

/** Help for one command. */
export function commandHelp(command: CliCommand): string {
  const lines = [command.summary, '', `usage: ${usageLine(command)}`];
  if (command.flags !== undefined && command.flags.length > 0) lines.push('', ...command.flags.map(flagHelp));
  if (command.timeout !== undefined)
    lines.push('', flagHelp({ name: 'timeout', value: 'DURATION', doc: command.timeout }));
  const exits = Object.entries(command.exits ?? {});
  if (exits.length > 0)
    lines.push('', 'exit codes: 0 done', ...exits.map(([code, text]) => `            ${code} ${text}`));
  if (command.examples !== undefined) lines.push('', 'examples:', ...command.examples.map((example) => `  ${example}`));
  return lines.join('\n');
}

/** Columns of the names of flags. The text of a longer one is on the next line. */
const NAME_COLUMNS = 26;

function flagHelp(flag: FlagSpec): string {
  const long = `--${flag.name}${flag.value === undefined ? '' : `=${flag.value}`}`;
  const name = flag.alias === undefined ? long : `${flag.alias}, ${long}`;
  const before = name.length < NAME_COLUMNS ? name.padEnd(NAME_COLUMNS) : `${name}\n${' '.repeat(NAME_COLUMNS + 2)}`;
  return `  ${before}${flagDoc(flag)}`;
}

/** The known word closest to a misspelled one, or undefined if none is close. */
export function suggestion(word: string, known: readonly string[]): string | undefined {
  let best: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(word, candidate);
    if (best === undefined || distance < best.distance) best = { word: candidate, distance };
  }
  return best !== undefined && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.word : undefined;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
