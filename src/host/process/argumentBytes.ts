/** Detects arguments that are not UTF-8, in which Node replaces bytes with U+FFFD. */
import { readFileSync } from 'node:fs';
import { isNoEntry, isPermission } from '../files/fileErrors';
import { decodeUtf8 } from '../../kernel/text/utf8';

const COMMAND_LINE = '/proc/self/cmdline';
const NUL = 0;

/** The first argument that was not UTF-8, as Node shows it. Only Linux reports the bytes of a command line. */
export function brokenArgument(argv: readonly string[]): string | undefined {
  if (!argv.some((word) => word.includes('\uFFFD'))) return undefined;
  const given = wordsOf(commandLine()).slice(-argv.length);
  return argv.find((_, index) => {
    const bytes = given[index];
    return bytes !== undefined && decodeUtf8(bytes) === undefined;
  });
}

function commandLine(): Uint8Array {
  try {
    return readFileSync(COMMAND_LINE);
  } catch (error) {
    if (isNoEntry(error) || isPermission(error)) return new Uint8Array();
    throw error;
  }
}

/** Each word ends with a NUL. */
function wordsOf(line: Uint8Array): Uint8Array[] {
  const words: Uint8Array[] = [];
  for (let from = 0, end = line.indexOf(NUL); end >= 0; from = end + 1, end = line.indexOf(NUL, from)) {
    words.push(line.subarray(from, end));
  }
  return words;
}
