/** The types of parameters and rows, and of what decodes a row. */
import type { StoredRow } from './exactRows';

export type SqlValue = number | string | Uint8Array | null;
export type SqlRow = StoredRow;
export type SqlParams = readonly SqlValue[];

/** Turns a row, which any program may have written, into a domain value, or throws `ROW_INVALID`. */
export interface RowCodec<T> {
  decode(row: SqlRow): T;
}
