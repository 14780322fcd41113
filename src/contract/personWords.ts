/** How a person who acted is named: a record holds where, which reads like the name of a program. */

/** By the names in records. */
export const PERSON_WORDS = {
  vscode: 'a person in VS Code',
  ic: 'a person with ic',
} as const;

/** Another name, as of a person, an agent, or a program that uses the API, stays. */
export function personWords(name: string, translated: (words: string) => string = (words) => words): string {
  return isKnown(name) ? translated(PERSON_WORDS[name]) : name;
}

function isKnown(name: string): name is keyof typeof PERSON_WORDS {
  return Object.hasOwn(PERSON_WORDS, name);
}
