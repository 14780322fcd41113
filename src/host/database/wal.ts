/**
 * Reads a database through its write-ahead log (`docs/design/storage.md`; the public WAL format, section 4 of SQLite's
 * file format document). Only complete, committed transactions of the log are applied, as SQLite itself would on
 * recovery.
 */

import { MAX_DATABASE_BYTES, MAX_UNWRITTEN_BYTES } from './limits';
import { refuse } from './refusal';
import { because } from '../../kernel/errors/reasons/problem';

const HEADER_SIZE = 32;
const FRAME_HEADER_SIZE = 24;
/** The lowest bit of the magic number is the byte order of the checksums. */
const MAGIC_LITTLE = 0x377f0682;
const MAGIC_BIG = 0x377f0683;
const FORMAT_VERSION = 3007000;
const MIN_PAGE_SIZE = 512;
const MAX_PAGE_SIZE = 65536;

export interface Checksum {
  readonly a: number;
  readonly b: number;
}

interface WalHeader {
  readonly pageSize: number;
  readonly littleEndian: boolean;
  readonly salts: readonly [number, number];
  readonly checksum: Checksum;
}

/** The committed frames: the newest content of each page, and the size of the database in pages. */
interface CommittedPages {
  readonly pages: ReadonlyMap<number, Uint8Array>;
  readonly pageCount: number;
  readonly position: LogPosition;
}

/**
 * Where the last committed transaction of a log ends: the log's salts, how many frames there are up to there, and the
 * running checksum, which depends on all of them. Two logs with the same position hold the same transactions.
 */
export interface LogPosition {
  readonly salts: readonly [number, number];
  readonly frames: number;
  readonly checksum: Checksum;
}

/** The position of a log; undefined if no transaction is complete. */
export function logPosition(wal: Uint8Array): LogPosition | undefined {
  const header = readHeader(wal);
  return header && readCommitted(wal, header)?.position;
}

/**
 * The database as a reader through `wal` sees it. The arguments are not changed; without a commit it is `db` itself.
 * @throws KernelError `DATABASE_REFUSED`, without the path, for a log that counts far more pages than exist.
 */
export function applyWal(db: Uint8Array, wal: Uint8Array): Uint8Array {
  const header = readHeader(wal);
  if (header === undefined) return db;
  const committed = readCommitted(wal, header);
  if (committed === undefined) return db;
  const size = committed.pageCount * header.pageSize;
  if (size > Math.min(MAX_DATABASE_BYTES, db.length + wal.length + MAX_UNWRITTEN_BYTES)) {
    refuse(
      because('its write-ahead log counts {pages} pages, which neither it nor the database holds', {
        pages: committed.pageCount,
      }),
    );
  }
  const result = new Uint8Array(size);
  result.set(db.subarray(0, result.length));
  for (const [page, content] of committed.pages) {
    if (page <= committed.pageCount) result.set(content, (page - 1) * header.pageSize);
  }
  return result;
}

function readHeader(wal: Uint8Array): WalHeader | undefined {
  if (wal.length < HEADER_SIZE) return undefined;
  const view = viewOf(wal);
  const magic = view.getUint32(0);
  const pageSize = view.getUint32(8);
  if (magic !== MAGIC_LITTLE && magic !== MAGIC_BIG) return undefined;
  if (view.getUint32(4) !== FORMAT_VERSION || !isPageSize(pageSize)) return undefined;
  const littleEndian = magic === MAGIC_LITTLE;
  const checksum = addToChecksum({ a: 0, b: 0 }, wal.subarray(0, 24), littleEndian);
  if (!equals(checksum, { a: view.getUint32(24), b: view.getUint32(28) })) return undefined;
  return { pageSize, littleEndian, salts: [view.getUint32(16), view.getUint32(20)], checksum };
}

/** Frames up to the last commit before the first one that is torn, stale or damaged. */
function readCommitted(wal: Uint8Array, header: WalHeader): CommittedPages | undefined {
  const view = viewOf(wal);
  const frameSize = FRAME_HEADER_SIZE + header.pageSize;
  const committed = new Map<number, Uint8Array>();
  let open: [page: number, content: Uint8Array][] = [];
  let pageCount = 0;
  let position: LogPosition | undefined;
  let checksum = header.checksum;
  for (let at = HEADER_SIZE; at + frameSize <= wal.length; at += frameSize) {
    const page = view.getUint32(at);
    const content = wal.subarray(at + FRAME_HEADER_SIZE, at + frameSize);
    if (view.getUint32(at + 8) !== header.salts[0] || view.getUint32(at + 12) !== header.salts[1]) break;
    checksum = addToChecksum(checksum, wal.subarray(at, at + 8), header.littleEndian);
    checksum = addToChecksum(checksum, content, header.littleEndian);
    if (page === 0 || !equals(checksum, { a: view.getUint32(at + 16), b: view.getUint32(at + 20) })) break;
    open.push([page, content]);
    const sizeAfterCommit = view.getUint32(at + 4);
    if (sizeAfterCommit === 0) continue;
    for (const [number, bytes] of open) committed.set(number, bytes);
    open = [];
    pageCount = sizeAfterCommit;
    position = { salts: header.salts, frames: (at - HEADER_SIZE) / frameSize + 1, checksum };
  }
  return position && { pages: committed, pageCount, position };
}

/** The format's running sum over pairs of 32-bit words. The length of `bytes` is a multiple of eight. */
function addToChecksum(sum: Checksum, bytes: Uint8Array, littleEndian: boolean): Checksum {
  const view = viewOf(bytes);
  let { a, b } = sum;
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    a = (a + view.getUint32(at, littleEndian) + b) >>> 0;
    b = (b + view.getUint32(at + 4, littleEndian) + a) >>> 0;
  }
  return { a, b };
}

function equals(one: Checksum, other: Checksum): boolean {
  return one.a === other.a && one.b === other.b;
}

function isPageSize(size: number): boolean {
  return size >= MIN_PAGE_SIZE && size <= MAX_PAGE_SIZE && (size & (size - 1)) === 0;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
