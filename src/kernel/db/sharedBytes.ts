/**
 * The bytes of a database image, held once: the memory that SQLite writes its pages to is the memory that is saved, so
 * that a save copies nothing.
 *
 * sql.js keeps as its file what `slice` of the given array returns; ours returns the memory itself. That is an internal
 * detail and may change, and sql.js moves to other memory when the file outgrows this one. So every commit must show in
 * SQLite's change counter here, and the file must fit. Otherwise these bytes are given up, and the image is exported.
 */

/** Fields of a database's header (the public file format, section 1.3): big-endian numbers. */
const PAGE_SIZE_AT = 16;
const CHANGE_COUNTER_AT = 24;
const PAGE_COUNT_AT = 28;
const HEADER_SIZE = 100;
/** 65536 does not fit into the two bytes and is written as 1. */
const GREATEST_PAGE = 65_536;
/** Room to grow, in bytes and as a part of the size; untouched, it costs no memory. */
const LEAST_ROOM = 1_048_576;
const ROOM_PART = 8;

/** Opens as the content; sql.js keeps the memory around it. */
class Opening extends Uint8Array {
  override slice(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer);
  }
}

export class SharedBytes {
  private readonly memory: DataView<ArrayBuffer>;
  private length: number;
  private counter: number;
  private lost = false;

  constructor(content: Uint8Array) {
    const room = Math.max(LEAST_ROOM, Math.ceil(content.length / ROOM_PART));
    const memory = new Uint8Array(Math.max(HEADER_SIZE, content.length) + room);
    memory.set(content);
    this.memory = new DataView(memory.buffer);
    this.length = content.length;
    this.counter = this.changeCounter;
  }

  /** The argument that a database is opened with, once. */
  opening(): Uint8Array {
    return new Opening(this.memory.buffer, 0, this.length);
  }

  /** Call after every commit. A commit that does not show here, or does not fit, ends the use of these bytes. */
  committed(): void {
    const length = this.pageSize * this.memory.getUint32(PAGE_COUNT_AT);
    if (this.changeCounter === this.counter || length > this.memory.byteLength) this.lost = true;
    this.counter = this.changeCounter;
    this.length = length;
  }

  /** Call after anything that may have written without calling `committed`. */
  giveUp(): void {
    this.lost = true;
  }

  /** The committed database, which the next transaction overwrites; undefined once these bytes were given up. */
  get current(): Uint8Array | undefined {
    if (this.lost || this.changeCounter !== this.counter) return undefined;
    return new Uint8Array(this.memory.buffer, 0, this.length);
  }

  private get changeCounter(): number {
    return this.memory.getUint32(CHANGE_COUNTER_AT);
  }

  private get pageSize(): number {
    const stored = this.memory.getUint16(PAGE_SIZE_AT);
    return stored === 1 ? GREATEST_PAGE : stored;
  }
}
