/** Long texts, read from a file or standard input so that no shell parses them (D27). */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { because, foreignText } from '../../kernel/errors/reasons/problem';
import { decodeUtf8 } from '../../kernel/text/utf8';
import { UsageError, type FlagSpec } from '../grammar/argv';
import type { CliContext } from './command';
import { textOf } from '../grammar/values';

/** `--body-file=FILE`, `-` for standard input. */
export const BODY_FLAG: FlagSpec = {
  name: 'body-file',
  value: 'FILE',
  doc: 'File with the text (-: standard input)',
};

export const TITLE_FLAGS: readonly FlagSpec[] = [
  { name: 'title', value: 'TITLE', doc: 'Title, one line' },
  { name: 'title-file', value: 'FILE', doc: 'File with the title, so that no shell parses it' },
];

/** @throws KernelError `INVALID_ARGUMENT` for bytes that are not UTF-8, which could not be stored as they are. */
export function exactText(bytes: Uint8Array, argument: string): string {
  const text = decodeUtf8(bytes);
  if (text === undefined)
    throw new KernelError('INVALID_ARGUMENT', { argument, problem: because('it is not UTF-8 text') });
  return text;
}

/**
 * The text of a flag that names a file; undefined without the flag. A byte order mark is not part of the text.
 * @throws KernelError `FILE_UNREADABLE`, `INVALID_ARGUMENT`
 */
export async function fileText(context: CliContext, flag: string): Promise<string | undefined> {
  const name = textOf(context.args, flag);
  if (name === undefined) return undefined;
  const bytes = name === '-' ? await context.readStdin() : await contentOf(path.resolve(context.cwd, name));
  return exactText(bytes, flag).replace(/^\uFEFF/, '');
}

async function contentOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new KernelError('FILE_UNREADABLE', { path: file, problem: foreignText(problemOf(error)) });
  }
}

/** A title by flag or by file. @throws UsageError for both at once */
export async function titleOf(context: CliContext): Promise<string | undefined> {
  const given = textOf(context.args, 'title');
  const fromFile = await fileText(context, 'title-file');
  if (given !== undefined && fromFile !== undefined)
    throw new UsageError('--title and --title-file exclude each other');
  return given ?? fromFile?.trim();
}
