/** The file of a code cache: V8's data, followed by the names of the used parts of the bundle. */

export interface CachedParts {
  readonly code: Buffer;
  readonly parts: readonly string[];
}

/** At the end of the file: the length of the names of the parts, in bytes. */
const LENGTH_BYTES = 4;

export function joinParts({ code, parts }: CachedParts): Buffer {
  const names = Buffer.from(parts.join('\n'));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(names.length);
  return Buffer.concat([code, names, length]);
}

/** Undefined for an invalid file. The code comes first, because V8 copies unaligned data. */
export function splitParts(file: Buffer | undefined): CachedParts | undefined {
  if (file === undefined || file.length < LENGTH_BYTES) return undefined;
  const end = file.length - LENGTH_BYTES;
  const start = end - file.readUInt32LE(end);
  if (start < 0) return undefined;
  const names = file.toString('utf8', start, end);
  return { code: file.subarray(0, start), parts: names === '' ? [] : names.split('\n') };
}
