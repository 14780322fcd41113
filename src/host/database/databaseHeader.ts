/** Fields of a SQLite file's header that saving needs (the public file format, section 1.3). */

export const HEADER_SIZE = 100;
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
const CHANGE_COUNTER_AT = 24;
const FORMAT_AT = [18, 19] as const;
const FORMAT_ROLLBACK = 1;
const FORMAT_WAL = 2;

export function isDatabase(bytes: Uint8Array): boolean {
  return bytes.length >= HEADER_SIZE && MAGIC.equals(bytes.subarray(0, MAGIC.length));
}

/** Counts the transactions that wrote the file in rollback mode; 0 without a header. */
export function changeCounter(header: Uint8Array): number {
  return header.length < HEADER_SIZE ? 0 : new DataView(header.buffer, header.byteOffset).getUint32(CHANGE_COUNTER_AT);
}

export function isWalMode(bytes: Uint8Array): boolean {
  return FORMAT_AT.every((at) => bytes[at] === FORMAT_WAL);
}

/**
 * Marks the image as in WAL mode or not, in place. An image in memory can have no WAL, so there it is off
 * (`docs/design/storage.md`).
 */
export function setWalMode(bytes: Uint8Array, on: boolean): void {
  for (const at of FORMAT_AT) bytes[at] = on ? FORMAT_WAL : FORMAT_ROLLBACK;
}

/** A marked copy of the image, which itself is still in use. */
export function inWalMode(image: Uint8Array): Uint8Array {
  const copy = image.slice();
  setWalMode(copy, true);
  return copy;
}
