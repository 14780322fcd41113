/**
 * Reads a rollback journal (the public format, section 3 of SQLite's file format document) and restores the database
 * before an unfinished transaction, as SQLite does. Nothing is written.
 */
import { MAX_DATABASE_BYTES } from './limits';
import { refuse } from './refusal';
import { JOURNAL_MAGIC } from './otherUsers';
import { because } from '../../kernel/errors/reasons/problem';

const HEADER_SIZE = 28;
/** A number and a checksum around the content of a page. */
const RECORD_EXTRA = 8;
/** With this count in the header, the size of the journal gives the number of records. */
const UNCOUNTED = 0xffffffff;
/** The checksum of a record adds up every 200th byte of its page, from the end. */
const CHECKSUM_STEP = 200;
/** Length, checksum and magic after the name of a super-journal. */
export const NAME_TRAILER_SIZE = 16;

interface JournalHeader {
  readonly records: number;
  readonly nonce: number;
  readonly pageCount: number;
  readonly sectorSize: number;
  readonly pageSize: number;
}

/**
 * The database before the journal's transaction. The arguments are not changed; without a page to restore it is `db`
 * itself.
 * @throws KernelError `DATABASE_REFUSED`, without the path, for a journal that counts more pages than allowed.
 */
export function applyJournal(db: Uint8Array, journal: Uint8Array): Uint8Array {
  const first = headerAt(journal, 0);
  if (first === undefined) return db;
  const size = first.pageCount * first.pageSize;
  if (size > Math.min(MAX_DATABASE_BYTES, db.length + journal.length)) {
    refuse(
      because('its journal counts {pages} pages, which neither it nor the database holds', { pages: first.pageCount }),
    );
  }
  const result = new Uint8Array(size);
  result.set(db.subarray(0, size));
  restorePages(result, journal, first);
  return result;
}

/** A journal starts over with a header at the next sector each time SQLite waits for the disk. */
function restorePages(db: Uint8Array, journal: Uint8Array, first: JournalHeader): void {
  const { pageSize, sectorSize } = first;
  const view = viewOf(journal);
  const recordSize = pageSize + RECORD_EXTRA;
  const restored = new Set<number>();
  let at = 0;
  for (let header = headerAt(journal, at); header !== undefined; header = headerAt(journal, at)) {
    at += sectorSize;
    const fitting = Math.max(0, Math.floor((journal.length - at) / recordSize));
    const records = header.records === UNCOUNTED ? fitting : Math.min(header.records, fitting);
    for (let record = 0; record < records; record++, at += recordSize) {
      const page = view.getUint32(at);
      const content = journal.subarray(at + 4, at + 4 + pageSize);
      if (page === 0 || view.getUint32(at + 4 + pageSize) !== checksumOf(content, header.nonce)) return;
      if (page <= first.pageCount && !restored.has(page)) db.set(content, (page - 1) * pageSize);
      restored.add(page);
    }
    if (records < header.records) return;
    at = Math.ceil(at / sectorSize) * sectorSize;
  }
}

/**
 * Whether the end of a journal names a super-journal: a file that SQLite would read and delete, at any path. Legitimate
 * ones exist only while a program commits to several databases at once.
 */
export function namesSuperJournal(end: Uint8Array, journalSize: number): boolean {
  if (end.length < NAME_TRAILER_SIZE) return false;
  const trailer = end.subarray(end.length - NAME_TRAILER_SIZE);
  if (!JOURNAL_MAGIC.equals(trailer.subarray(8))) return false;
  const nameLength = viewOf(trailer).getUint32(0);
  return nameLength > 0 && nameLength <= journalSize - NAME_TRAILER_SIZE;
}

function headerAt(journal: Uint8Array, at: number): JournalHeader | undefined {
  if (at + HEADER_SIZE > journal.length) return undefined;
  if (!JOURNAL_MAGIC.equals(journal.subarray(at, at + JOURNAL_MAGIC.length))) return undefined;
  const view = viewOf(journal.subarray(at, at + HEADER_SIZE));
  const [records, nonce, pageCount] = [view.getUint32(8), view.getUint32(12), view.getUint32(16)];
  const [sectorSize, pageSize] = [view.getUint32(20), view.getUint32(24)];
  const isSound = isPowerOfTwo(sectorSize, 32, 65_536) && isPowerOfTwo(pageSize, 512, 65_536);
  // SQLite ignores a truncated header.
  if (!isSound || at + sectorSize > journal.length) return undefined;
  return { records, nonce, pageCount, sectorSize, pageSize };
}

function checksumOf(content: Uint8Array, nonce: number): number {
  let sum = nonce;
  for (let at = content.length - CHECKSUM_STEP; at > 0; at -= CHECKSUM_STEP) sum = (sum + (content[at] ?? 0)) >>> 0;
  return sum;
}

function isPowerOfTwo(size: number, least: number, most: number): boolean {
  return size >= least && size <= most && (size & (size - 1)) === 0;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
