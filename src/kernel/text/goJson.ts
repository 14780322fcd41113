/**
 * JSON as the original writes it, so that stored evidence and output are the same text
 * (`docs/design/commandLine.md#text-and-json`).
 */
import { encodeJson } from './deepJson';

const ESCAPES: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/**
 * Compact, or indented by `indent` spaces, with HTML's special characters escaped and broken UTF-16 replaced by U+FFFD.
 * Keys keep their order.
 */
export function encodeGoJson(value: unknown, indent = 0): string {
  return encodeJson(value, indent)
    .replace(/[<>&\u2028\u2029]/g, (character) => ESCAPES[character] ?? character)
    .replace(/\\(?:u(d[89a-f][0-9a-f]{2})|[^])/g, (escape, surrogate?: string) =>
      surrogate === undefined ? escape : '\uFFFD',
    );
}
