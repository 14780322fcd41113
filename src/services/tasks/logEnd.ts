/** The end of a log of ours, for messages. */
import { openRegular } from '../../host/files/smallFile';
import type { OwnStorageFile } from '../../host/trusted/insideFolder';

const TAIL_BYTES = 32 * 1024;

/** The end of a log, from its first complete line; empty if there is no log. */
export async function tail(file: OwnStorageFile): Promise<string> {
  const handle = await openRegular(file);
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
    const text = buffer.toString('utf8', 0, bytesRead);
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    await handle.close();
  }
}
