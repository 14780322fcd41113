/**
 * Reads `sqlite_schema` from the bytes of a database, without SQLite (the public file format, sections 1.3, 1.5 and 2).
 * Every page is visited once at most, so that the work is bounded by the size of the schema.
 */
import { isDatabase } from '../database/databaseHeader';
import { MAX_SCHEMA_OBJECTS, MAX_SCHEMA_SQL_BYTES } from '../database/limits';
import { damaged, refuse } from '../database/refusal';
import { because } from '../../kernel/errors/reasons/problem';

/** One row of `sqlite_schema`. */
export interface SchemaRow {
  readonly type: string;
  readonly name: string;
  readonly table: string;
  readonly rootPage: number;
  /** Null for an index that SQLite made for a constraint. */
  readonly sql: string | null;
}

/** A value as a record stores it; other numbers than integers, and blobs, do not occur in a schema. */
export type Cell = string | number | null;

const HEADER_SIZE = 100;
const LEAF = 0x0d;
const INTERIOR = 0x05;
const MAX_DEPTH = 20;
const MAX_VARINT_BYTES = 9;
const UTF8 = 1;

/** A database's pages, as far as reading tables needs them. */
export class Pages {
  readonly userVersion: number;
  readonly count: number;
  private readonly view: DataView;
  private readonly pageSize: number;
  private readonly usable: number;

  /** @throws KernelError `DATABASE_DAMAGED` or `DATABASE_REFUSED`, without the path. */
  constructor(private readonly bytes: Uint8Array) {
    if (!isDatabase(bytes)) damaged(because('it does not start like a SQLite database'));
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const stored = this.view.getUint16(16);
    this.pageSize = stored === 1 ? 65_536 : stored;
    if (this.pageSize < 512 || (this.pageSize & (this.pageSize - 1)) !== 0)
      damaged(because('its header has no valid page size'));
    this.usable = this.pageSize - this.view.getUint8(20);
    if (this.usable < 480) damaged(because('its header reserves too much of each page'));
    this.count = Math.ceil(bytes.length / this.pageSize);
    if (bytes.length < this.pageSize) damaged(because('it is shorter than its first page'));
    // SQLite uses the count in the header only if the last program that wrote the file maintained it.
    const isCounted = this.view.getUint32(24) === this.view.getUint32(92);
    if (isCounted && this.view.getUint32(28) > this.count) damaged(because('its header counts more pages than it has'));
    const encoding = this.view.getUint32(56);
    if (encoding > UTF8) refuse(because('its text is not stored as UTF-8'));
    this.userVersion = this.view.getInt32(60);
  }

  /** All rows of `sqlite_schema`. */
  schema(): readonly SchemaRow[] {
    const rows = this.table(1, MAX_SCHEMA_OBJECTS, MAX_SCHEMA_SQL_BYTES);
    return rows.map(([type, name, table, rootPage, sql]) => {
      if (typeof type !== 'string' || typeof name !== 'string' || typeof table !== 'string') {
        return damaged(because('its schema has a row without a name'));
      }
      if (typeof rootPage !== 'number' || (typeof sql !== 'string' && sql !== null)) {
        return refuse(because('its schema has an unreadable {type} {name}', { type, name }));
      }
      return { type, name, table, rootPage, sql };
    });
  }

  /** The rows of a small table. */
  table(rootPage: number, maxRows: number, maxBytes: number): (readonly Cell[])[] {
    const rows: (readonly Cell[])[] = [];
    const visited = new Set<number>();
    let bytesLeft = maxBytes;
    const visit = (page: number, depth: number): void => {
      if (depth > MAX_DEPTH) damaged(because('its schema is nested too deep'));
      const start = this.enter(page, visited);
      const header = page === 1 ? start + HEADER_SIZE : start;
      const kind = this.view.getUint8(header);
      const cells = this.view.getUint16(header + 3);
      const pointers = header + (kind === INTERIOR ? 12 : 8);
      if (kind !== LEAF && kind !== INTERIOR) damaged(because('its schema is not a table'));
      if (pointers + 2 * cells > start + this.usable) damaged(because('a page of its schema is overfull'));
      for (let index = 0; index < cells; index++) {
        const cell = start + this.view.getUint16(pointers + 2 * index);
        if (cell < pointers || cell + 4 > start + this.usable) damaged(because('a page of its schema is torn'));
        if (kind === INTERIOR) {
          visit(this.view.getUint32(cell), depth + 1);
          continue;
        }
        if (rows.length >= maxRows) refuse(because('its schema has more than {limit} objects', { limit: maxRows }));
        const payload = this.payload(cell, start + this.usable, visited, bytesLeft);
        bytesLeft -= payload.length;
        rows.push(readRecord(payload));
      }
      if (kind === INTERIOR) visit(this.view.getUint32(header + 8), depth + 1);
    };
    visit(rootPage, 0);
    return rows;
  }

  /**
   * The offset of the page. @throws KernelError `DATABASE_DAMAGED` if there is no such page, or if it was visited
   * before.
   */
  private enter(page: number, visited: Set<number>): number {
    if (page < 1 || page > this.count || page * this.pageSize > this.bytes.length)
      damaged(because('its schema leads nowhere'));
    if (visited.has(page)) damaged(because('its schema leads in a circle'));
    visited.add(page);
    return (page - 1) * this.pageSize;
  }

  /** The whole content of a cell of a leaf, including overflow pages. */
  private payload(cell: number, end: number, visited: Set<number>, maxBytes: number): Uint8Array {
    const length = readVarint(this.bytes, cell, end);
    const rowId = readVarint(this.bytes, length.next, end);
    if (length.value > maxBytes) refuse(because('its schema is too large'));
    const local = this.localSize(length.value);
    if (rowId.next + local > end) damaged(because('a row of its schema is torn'));
    const own = this.bytes.subarray(rowId.next, rowId.next + local);
    if (local === length.value) return own;
    const whole = new Uint8Array(length.value);
    whole.set(own);
    if (rowId.next + local + 4 > end) damaged(because('a row of its schema is torn'));
    let page = this.view.getUint32(rowId.next + local);
    for (let filled = local; filled < whole.length;) {
      const start = this.enter(page, visited);
      const part = this.bytes.subarray(start + 4, start + 4 + Math.min(this.usable - 4, whole.length - filled));
      whole.set(part, filled);
      filled += part.length;
      page = this.view.getUint32(start);
    }
    return whole;
  }

  /** How much of a row is on the page itself. */
  private localSize(length: number): number {
    const most = this.usable - 35;
    if (length <= most) return length;
    const least = Math.floor(((this.usable - 12) * 32) / 255) - 23;
    const fitting = least + ((length - least) % (this.usable - 4));
    return fitting <= most ? fitting : least;
  }
}

function readRecord(record: Uint8Array): readonly Cell[] {
  const size = readVarint(record, 0, record.length);
  if (size.value > record.length) damaged(because('a row of its schema is torn'));
  const cells: Cell[] = [];
  let at = size.value;
  for (let header = size.next; header < size.value;) {
    const type = readVarint(record, header, size.value);
    header = type.next;
    const length = lengthOf(type.value);
    if (at + length > record.length) damaged(because('a row of its schema is torn'));
    cells.push(readCell(type.value, record.subarray(at, at + length)));
    at += length;
  }
  return cells;
}

const INTEGER_LENGTHS = [0, 1, 2, 3, 4, 6, 8] as const;

function lengthOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  return INTEGER_LENGTHS[type] ?? (type === 7 ? 8 : 0);
}

function readCell(type: number, content: Uint8Array): Cell {
  if (type === 0) return null;
  if (type === 8 || type === 9) return type - 8;
  if (type >= 13 && type % 2 === 1) return Buffer.from(content).toString('utf8');
  if (type === 7 || type >= 10) return refuse(because('its schema has a value of an unexpected type'));
  // Big-endian, with the sign in the first byte.
  return content.reduce((sum, byte, index) => sum * 256 + (index === 0 && byte > 127 ? byte - 256 : byte), 0);
}

/** The format's variable-length number; those above 2^53 are above every limit here. */
function readVarint(bytes: Uint8Array, at: number, end: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let index = 0; index < MAX_VARINT_BYTES && at + index < end; index++) {
    const byte = bytes[at + index] ?? 0;
    if (index === MAX_VARINT_BYTES - 1) return { value: value * 256 + byte, next: at + MAX_VARINT_BYTES };
    value = value * 128 + (byte & 0x7f);
    if (byte < 128) return { value, next: at + index + 1 };
  }
  return damaged(because('a row of its schema is torn'));
}
