/** JSON of values that a foreign text holds: `JSON.stringify` runs out of stack where they are nested thousands deep. */

/** Deeper lines get no more indentation. */
const MOST_INDENT_LEVELS = 64;

/** As `JSON.stringify`, at any depth. */
export function encodeJson(value: unknown, indent: number | string = 0): string {
  try {
    return JSON.stringify(value, null, indent);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return encodeDeep(value, typeof indent === 'string' ? indent : ' '.repeat(indent));
  }
}

type Part = string | { readonly value: unknown; readonly level: number };

/** Without recursion. Parts to write are on a stack, the next part last. */
function encodeDeep(root: unknown, indent: string): string {
  const written: string[] = [];
  const parts: Part[] = [{ value: root, level: 0 }];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    if (typeof part === 'string') written.push(part);
    else if (typeof part.value !== 'object' || part.value === null) written.push(scalar(part.value));
    else parts.push(...partsOf(part.value, part.level, indent).reverse());
  }
  return written.join('');
}

function scalar(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value);
}

function partsOf(value: object, level: number, indent: string): Part[] {
  const isList = Array.isArray(value);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  const entries = Object.entries(value).filter(([, item]) => isList || item !== undefined);
  if (entries.length === 0) return [open + close];
  const lineAt = (depth: number): string =>
    indent === '' ? '' : `\n${indent.repeat(Math.min(depth, MOST_INDENT_LEVELS))}`;
  const colon = indent === '' ? ':' : ': ';
  return [
    open,
    ...entries.flatMap(([name, item], index): Part[] => [
      `${index === 0 ? '' : ','}${lineAt(level + 1)}${isList ? '' : JSON.stringify(name) + colon}`,
      { value: item, level: level + 1 },
    ]),
    lineAt(level) + close,
  ];
}

/**
 * A copy whose objects have their keys in order at every level, without recursion. `isKept`: values that are not
 * copied.
 */
export function withSortedKeys(root: unknown, isKept: (value: object) => boolean): unknown {
  const copies: { readonly from: object; readonly to: object }[] = [];
  const copy = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || isKept(value)) return value;
    const to: object = Array.isArray(value) ? [] : {};
    copies.push({ from: value, to });
    return to;
  };
  const sorted = copy(root);
  for (let next = copies.pop(); next !== undefined; next = copies.pop()) {
    const entries = Object.entries(next.from);
    if (!Array.isArray(next.from)) entries.sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, item] of entries) {
      // A key such as `__proto__` is an ordinary key.
      const own = { value: copy(item), enumerable: true, writable: true, configurable: true };
      Object.defineProperty(next.to, key, own);
    }
  }
  return sorted;
}
