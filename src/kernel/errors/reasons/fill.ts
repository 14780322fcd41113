/** Templates with `{name}` placeholders, and the singular of what they count. */

type Facts = Readonly<Record<string, string | number>>;

/**
 * What follows a count, with its singular: `{tries} tries` reads `{tries} try` where `tries` is 1. A text with such a
 * phrase has one count only, so that each text has one singular to translate (`test/contract/texts/singulars.test.ts`).
 */
export const SINGULARS: Readonly<Record<string, string>> = {
  'active dispatches': 'active dispatch',
  'active runs': 'active run',
  'agents are': 'agent is',
  agents: 'agent',
  attempts: 'attempt',
  bytes: 'byte',
  characters: 'character',
  'children advance': 'child advances',
  children: 'child',
  commands: 'command',
  dispatches: 'dispatch',
  entries: 'entry',
  events: 'event',
  'files that decide': 'file that decides',
  'gate conditions': 'gate condition',
  conditions: 'condition',
  lines: 'line',
  messages: 'message',
  minutes: 'minute',
  'need you': 'needs you',
  'older events are': 'older event is',
  'older lines are': 'older line is',
  'open tasks': 'open task',
  pages: 'page',
  portfolios: 'portfolio',
  projects: 'project',
  rows: 'row',
  runs: 'run',
  seconds: 'second',
  stashes: 'stash',
  subtasks: 'subtask',
  tasks: 'task',
  times: 'time',
  tokens: 'token',
  tries: 'try',
  turns: 'turn',
  worktrees: 'worktree',
};

const longestFirst = Object.keys(SINGULARS).sort((a, b) => b.length - a.length);

/** A count, and the words after it. A limit of 1 is no count: "at most 1 are". */
const COUNTED = /\{(?!limit\})(\w+)\} ([a-z]+(?: [a-z]+){0,2})/g;

/** The longest known plural that the words start with. */
function pluralIn(words: string): string | undefined {
  return longestFirst.find((plural) => words === plural || words.startsWith(`${plural} `));
}

/** Fills the placeholders. One without a fact is left as it is. What is counted is singular where the count is 1. */
export function fill(template: string, facts: Facts): string {
  return put(inNumber(template, facts), facts);
}

/** The text with the singular of what is counted, where the count is 1; a translation is looked up for that text. */
export function inNumber(template: string, facts: Facts): string {
  return template.replace(COUNTED, (text, name: string, words: string) => {
    const plural = String(facts[name]) === '1' ? pluralIn(words) : undefined;
    return plural === undefined ? text : `{${name}} ${SINGULARS[plural] ?? ''}${words.slice(plural.length)}`;
  });
}

/** The names of the counts of a text: at most one. */
export function countsOf(template: string): readonly string[] {
  return [...template.matchAll(COUNTED)].flatMap(([, name = '', words = '']) =>
    pluralIn(words) === undefined ? [] : [name],
  );
}

/** @example counted(1, 'tries') // 1 try */
export function counted(count: number, plural: keyof typeof SINGULARS): string {
  return fill(`{count} ${plural}`, { count });
}

/** Translates a text in the right number, and fills it with named facts or, for `{0}` and `{1}`, with a list. */
export function inWords(
  l10n: { t(message: string): string },
  message: string,
  ...given: readonly [Facts] | readonly (string | number)[]
): string {
  const [first] = given;
  const facts = typeof first === 'object' ? first : Object.fromEntries(Object.entries(given));
  return put(l10n.t(inNumber(message, facts)), facts);
}

/** A fact that is a whole sentence, such as a reported problem, brings the period that the template has after it. */
function put(template: string, facts: Facts): string {
  return template.replace(/\{(\w+)\}((?:\.(?=\s|$))?)/g, (placeholder, name: string, period: string) => {
    if (!(name in facts)) return placeholder;
    const fact = String(facts[name]);
    return /[.!?\u2026]$/.test(fact) ? fact : fact + period;
  });
}
