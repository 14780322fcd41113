/** Templates with `{name}` placeholders. */

/** Fills the placeholders. One without a fact is left as it is. */
export function fill(template: string, facts: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    name in facts ? String(facts[name]) : placeholder,
  );
}
