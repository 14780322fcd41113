/** Removes secrets and the user's name from a report that is meant to be shared (`docs/design/trust.md#secrets`). */
import os from 'node:os';
import type { FindingFacts } from '../../contract/results/doctor';
import { redact } from '../../host/git/redaction';
import { withoutTrailing } from '../../kernel/text/textEnds';

export type Redaction = (text: string) => string;

/** Removes secrets of known forms and the home directory of the environment. */
export function redactionFor(environment: NodeJS.ProcessEnv): Redaction {
  const homes = [environment['HOME'], environment['USERPROFILE'], os.homedir()];
  // One letter or a slash would be in every path.
  const known = [...new Set(homes)].filter((home): home is string => home !== undefined && home.length > 1);
  return (text) => known.sort((a, b) => b.length - a.length).reduce(withoutHome, redact(text));
}

/** Only where a name ends, so that `/home/ada` leaves `/home/adam` as it is. */
function withoutHome(text: string, home: string): string {
  const parts = text.split(withoutTrailing(home, '\\/'));
  return parts.reduce((before, after) => `${before}${/^[\w.-]/.test(after) ? home : '~'}${after}`);
}

export function redactFacts(facts: FindingFacts, redaction: Redaction): FindingFacts {
  const entries = Object.entries(facts).map(([name, value]) => [
    name,
    typeof value === 'string' ? redaction(value) : value,
  ]);
  return Object.fromEntries(entries) as FindingFacts;
}
