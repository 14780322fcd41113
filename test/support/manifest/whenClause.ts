/** The terms of a when-clause: enough of its language to check that every name in it is one that exists. */

export interface Term {
  readonly key: string;
  readonly operator: '' | '==' | '!=' | '=~' | 'in';
  /** Absent for a bare key. */
  readonly value?: string;
  readonly negated: boolean;
}

const TOKEN =
  /\s*(?:(&&|\|\||\(|\))|(!?)([\w.:-]+)(?:\s*(==|!=|=~|\bin\b)\s*('[^']*'|\/(?:\\.|[^/\\])*\/[a-z]*|[\w.:/-]+))?)/y;

/** Throws where the text is not a when-clause. */
export function termsOf(when: string): Term[] {
  const terms: Term[] = [];
  TOKEN.lastIndex = 0;
  while (when.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(when);
    if (match === null) throw new Error(`Cannot read "${when}" from ${String(at)}.`);
    const [, joint, not, key, operator, value] = match;
    if (joint !== undefined || key === undefined) continue;
    terms.push({
      key,
      operator: operatorOf(operator),
      negated: not === '!',
      ...defined({ value }),
    });
  }
  return terms;
}

function operatorOf(text: string | undefined): Term['operator'] {
  switch (text) {
    case undefined:
      return '';
    case '==':
    case '!=':
    case '=~':
    case 'in':
      return text;
    default:
      throw new Error(`Unknown operator ${text}.`);
  }
}
import { defined } from '../../../src/kernel/defined';
