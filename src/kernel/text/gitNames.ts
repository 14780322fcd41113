/**
 * Names that are passed to git: commit ids and branches. A row or an argument is untrusted until one of these parsers
 * returns its type (`docs/design/trust.md`), so that no value that git could read as an option reaches a command line.
 */
import * as z from 'zod';

const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const MAX_REF_LENGTH = 255;

/** The id of a commit or tree, in full: 40 or 64 lowercase hexadecimal digits. */
export const sha = z.string().regex(SHA, 'it is not the id of a commit').brand<'Sha'>();
export type Sha = z.infer<typeof sha>;

/** The short name of a branch, such as `main` or `feature/x`, by git's own rules (`git check-ref-format --branch`). */
export const refName = z
  .string()
  .max(MAX_REF_LENGTH)
  .refine(isRefName, 'it is not the name of a branch')
  .brand<'RefName'>();
export type RefName = z.infer<typeof refName>;

/** The id; undefined if the text is not one. */
export function shaOf(text: string): Sha | undefined {
  return sha.safeParse(text).data;
}

/** The name; undefined if the text is not one. */
export function refNameOf(text: string): RefName | undefined {
  return refName.safeParse(text).data;
}

function isRefName(name: string): boolean {
  if (name === '' || name === '@' || name === 'HEAD' || name.startsWith('-') || name.endsWith('.')) return false;

  if (/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{/.test(name)) return false;
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}
