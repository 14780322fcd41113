/** Our own texts, by the keys of the bundle of texts: a test that expects a text which was reworded does not compile. */
import assert from 'node:assert/strict';
import type bundle from '../../../l10n/bundle.l10n.json';

type Text = keyof typeof bundle;

/** The names of a text's placeholders. */
type Placeholder<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

type Values = Readonly<Record<string, string | number>>;
type ValuesOf<T extends string> = [Placeholder<T>] extends [never]
  ? []
  : [Readonly<Record<Placeholder<T>, string | number>>];

/** The text as a window in English shows it. */
export function said<T extends Text>(text: T, ...[values]: ValuesOf<T>): string {
  const given: Values = values ?? {};
  return text.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => String(given[name] ?? placeholder));
}

/** Words of a text that a window shows; fails where the text has them no longer. */
export function partOf(text: Text, part: string): string {
  assert.ok(text.includes(part), `“${part}” is no part of “${text}”`);
  return part;
}
