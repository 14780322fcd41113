/** Reads the attachments of a text for an agent, within bounds. */
import path from 'node:path';
import type { Attachment, GivenAttachment } from '../../../contract/attachments';
import { readFailure } from '../../../host/files/fileErrors';
import { openRegular } from '../../../host/files/smallFile';
import { insideFolder } from '../../../host/trusted/insideFolder';
import { defined } from '../../../kernel/defined';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import { decodeUtf8 } from '../../../kernel/text/utf8';

/** Of one attachment, and of all attachments of a text. */
const MAX_BYTES = 64 * 1024;
const MAX_ALL_BYTES = 256 * 1024;
/** A character of UTF-8 that is cut has fewer bytes than this. */
const LONGEST_CUT = 4;

interface Content {
  /** The start of it; undefined where it is no text. */
  readonly start: Uint8Array | undefined;
  readonly bytes: number;
}

/**
 * Files are read only inside the project, after links are resolved. The texts that callers give are taken as they are.
 * @throws KernelError `PATH_OUTSIDE`, `FILE_UNREADABLE`
 */
export async function readAttachments(folder: string, given: readonly GivenAttachment[] = []): Promise<Attachment[]> {
  const read: Attachment[] = [];
  let rest = MAX_ALL_BYTES;
  for (const { path: claim, what = 'file', lines, text } of given) {
    const file = path.resolve(folder, claim);
    const { start, bytes } = text === undefined ? await contentOf(folder, file) : contentIn(text);
    const included = start && textOf(start, Math.min(rest, MAX_BYTES));
    rest -= included === undefined ? 0 : Buffer.byteLength(included);
    const inProject = path.relative(folder, file);
    const name = inProject.startsWith('..') || path.isAbsolute(inProject) ? file : inProject.split(path.sep).join('/');
    read.push({ path: file, name, what, ...defined({ lines }), text: included ?? null, bytes });
  }
  return read;
}

function contentIn(text: string): Content {
  const start = Buffer.from(text);
  return { start, bytes: start.length };
}

async function contentOf(folder: string, file: string): Promise<Content> {
  const inside = await insideFolder(folder, file);
  if (inside === undefined) throw new KernelError('PATH_OUTSIDE', { path: file, folder });
  try {
    const handle = await openRegular(inside);
    if (handle === undefined) {
      throw new KernelError('FILE_UNREADABLE', { path: file, problem: because('there is no such file') });
    }
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, MAX_BYTES);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
      const start = buffer.subarray(0, bytesRead);
      return { start: start.includes(0) ? undefined : start, bytes: size };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw readFailure(file, error);
  }
}

/** The text of the first bytes, in whole characters; undefined where they are no UTF-8, or there is no room for any. */
function textOf(start: Uint8Array, longest: number): string | undefined {
  const end = Math.min(start.length, longest);
  if (end === 0 && start.length > 0) return undefined;
  for (let cut = 0; cut < LONGEST_CUT && cut <= end; cut += 1) {
    const text = decodeUtf8(start.subarray(0, end - cut));
    if (text !== undefined) return text;
  }
  return undefined;
}
