/** Long texts: given in a file, or on standard input, so that no shell ever reads them (D27). */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { KernelError, problemOf } from '../kernel/errors';
import { UsageError, type FlagSpec } from './argv';
import type { CliContext } from './command';
import { textOf } from './values';

/** `--body-file=FILE`, `-` for standard input. */
export const BODY_FLAG: FlagSpec = {
  name: 'body-file',
  value: 'FILE',
  doc: 'File with the text; - for standard input',
};

export const TITLE_FLAGS: readonly FlagSpec[] = [
  { name: 'title', value: 'TITLE', doc: 'Title, one line' },
  { name: 'title-file', value: 'FILE', doc: 'File with the title, which no shell reads then' },
];

/**
 * The text of a flag that names a file; undefined where the flag is absent.
 * @throws KernelError `FILE_UNREADABLE`
 */
export async function fileText(context: CliContext, flag: string): Promise<string | undefined> {
  const name = textOf(context.args, flag);
  if (name === undefined) return undefined;
  if (name === '-') return (await context.readStdin()).toString('utf8');
  const file = path.resolve(context.cwd, name);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new KernelError('FILE_UNREADABLE', { path: file, problem: problemOf(error) });
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
