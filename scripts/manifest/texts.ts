/** The texts of package.nls.json, by key; package.json names them as `%key%`. */
export type Texts = Readonly<Record<string, string>>;

/**
 * Some texts with all of a family, whose keys start with `prefix`, replaced. The family keeps its place in the file; a new
 * one comes last.
 */
export function withFamily(texts: Texts, prefix: string, family: Texts): Texts {
  const entries = Object.entries(texts);
  const isOfFamily = ([key]: readonly [string, string]): boolean => key.startsWith(prefix);
  const first = entries.findIndex(isOfFamily);
  const at = first < 0 ? entries.length : first;
  const others = (part: typeof entries): typeof entries => part.filter((entry) => !isOfFamily(entry));
  return Object.fromEntries([...others(entries.slice(0, at)), ...Object.entries(family), ...others(entries.slice(at))]);
}
