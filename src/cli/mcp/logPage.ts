/** One page of a file that may grow while it is read. */
import { open } from 'node:fs/promises';
import { ifThere, readFailure } from '../../host/fileErrors';

/** At most this much of a log at once, in bytes. */
export const PAGE_BYTES = 64 * 1024;

export interface LogPage {
  readonly text: string;
  /** In bytes, of the page's begin. */
  readonly offset: number;
  /** Where the next page begins; undefined at the end. */
  readonly next: number | undefined;
  /** Of the whole file. */
  readonly size: number;
}

/**
 * The page that begins at `offset`, or the last one. Pages follow each other without a gap, and none ends within a
 * character. A file that is not there is empty.
 * @throws KernelError `FILE_UNREADABLE`
 */
export async function readLogPage(file: string, offset?: number): Promise<LogPage> {
  const handle = await ifThere(open(file, 'r')).catch((error: unknown) => {
    throw readFailure(file, error);
  });
  if (handle === undefined) return { text: '', offset: 0, next: undefined, size: 0 };
  try {
    const { size } = await handle.stat();
    const begin = Math.min(offset ?? Math.max(0, size - PAGE_BYTES), size);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(PAGE_BYTES), 0, PAGE_BYTES, begin);
    const bytes = buffer.subarray(0, bytesRead);
    const skipped = offset === undefined && begin > 0 ? bytes.findIndex((byte) => !isContinuation(byte)) : 0;
    const whole = begin + bytesRead < size ? wholeCharacters(bytes) : bytes.length;
    const next = begin + whole;
    return {
      text: bytes.subarray(Math.max(0, skipped), whole).toString('utf8'),
      offset: begin + Math.max(0, skipped),
      next: next < size ? next : undefined,
      size,
    };
  } catch (error) {
    throw readFailure(file, error);
  } finally {
    await handle.close();
  }
}

/** How many of the bytes make whole characters of UTF-8. */
function wholeCharacters(bytes: Buffer): number {
  let last = bytes.length - 1;
  while (last > bytes.length - 4 && last > 0 && isContinuation(bytes[last] ?? 0)) last -= 1;
  const lead = bytes[last] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return last + length > bytes.length ? last : bytes.length;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
