/** One page of a log that may grow, or be truncated, while it is read. */
import { inFile, inOutput, readCut } from '../../host/launcher/log/cutLog';
import { readFailure } from '../../host/files/fileErrors';
import { openRegular } from '../../host/files/smallFile';
import type { OwnStorageFile } from '../../host/trusted/insideFolder';

/** The size limit of a page, in bytes. */
export const PAGE_BYTES = 64 * 1024;

export interface LogPage {
  readonly text: string;
  /** Where the page starts, in bytes of the agent's output. */
  readonly offset: number;
  /** Where the next page starts; undefined at the end. */
  readonly next: number | undefined;
  /** Of the whole output, truncated parts included. */
  readonly size: number;
}

/**
 * The page that starts at `offset`, or the last one. Pages follow each other without a gap, unless the log notes that a
 * part was cut, and none ends within a character. A missing file is empty.
 * @throws KernelError `FILE_UNREADABLE`
 */
export async function readLogPage(file: OwnStorageFile, offset?: number): Promise<LogPage> {
  const handle = await openRegular(file).catch((error: unknown) => {
    throw readFailure(file, error);
  });
  if (handle === undefined) return { text: '', offset: 0, next: undefined, size: 0 };
  try {
    const { size } = await handle.stat();
    const cut = await readCut(handle);
    const begin = Math.min(offset === undefined ? Math.max(0, size - PAGE_BYTES) : inFile(offset, cut), size);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(PAGE_BYTES), 0, PAGE_BYTES, begin);
    const bytes = buffer.subarray(0, bytesRead);
    const skipped = offset === undefined && begin > 0 ? bytes.findIndex((byte) => !isContinuation(byte)) : 0;
    const whole = begin + bytesRead < size ? wholeCharacters(bytes) : bytes.length;
    const next = begin + whole;
    return {
      text: bytes.subarray(Math.max(0, skipped), whole).toString('utf8'),
      offset: inOutput(begin + Math.max(0, skipped), cut),
      next: next < size ? inOutput(next, cut) : undefined,
      size: inOutput(size, cut),
    };
  } catch (error) {
    throw readFailure(file, error);
  } finally {
    await handle.close();
  }
}

/** How many of the bytes are whole characters of UTF-8. */
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
