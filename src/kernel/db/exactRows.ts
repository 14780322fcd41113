/**
 * Reads rows out of the engine's memory as they are stored. sql.js loses a leading U+FEFF, ends a text at a NUL,
 * replaces bytes that are not UTF-8, and rounds integers beyond 2^53. It also reads the names of all columns for each
 * row.
 */
import type { SqlJsStatic } from 'sql.js';
import * as z from 'zod';
import { decodeUtf8 } from '../text/utf8';

/** A value as SQLite has it: a `bigint` is an integer that no `number` holds exactly. */
export type StoredValue = number | bigint | string | Uint8Array | null;
export type StoredRow = Readonly<Record<string, StoredValue>>;

/** The bytes of a stored text that is not UTF-8. */
export class BrokenText extends Uint8Array {}

const [INTEGER, FLOAT, TEXT, BLOB] = [1, 2, 3, 4];

type CFunction = (...args: number[]) => number;
const cFunction = z.custom<CFunction>((value) => typeof value === 'function');
/** The parts of the C interface that the module exports under its own names. */
const cInterface = z.object({
  _sqlite3_step: cFunction,
  _sqlite3_column_count: cFunction,
  _sqlite3_column_type: cFunction,
  _sqlite3_column_double: cFunction,
  _sqlite3_column_text: cFunction,
  _sqlite3_column_blob: cFunction,
  _sqlite3_column_bytes: cFunction,
});
type CInterface = z.infer<typeof cInterface>;

/** The loader's result. */
export const loadedEngine = z.object({
  Database: z.custom<SqlJsStatic['Database']>((value) => typeof value === 'function'),
  exactRows: z.custom<ExactRows>((value) => typeof value === 'object'),
});

export class ExactRows {
  private functions: CInterface | undefined;
  private memory: WebAssembly.Memory | undefined;
  private bytes = new Uint8Array();
  /** SQLite's pointer to the statement that was stepped last. */
  private statement = 0;

  /**
   * Options of the engine's loader. `failed` is called if the program cannot be started, because the loader itself
   * would wait forever.
   */
  options(wasm: WebAssembly.Module, failed: (error: unknown) => void): object {
    return {
      // The loader returns this object to later callers, too, and ignores their options.
      exactRows: this,
      instantiateWasm: (imports: object, started: (instance: WebAssembly.Instance) => void): object => {
        WebAssembly.instantiate(wasm, imports).then((instance) => {
          this.memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
          started(instance);
        }, failed);
        return {};
      },
      preRun: (module: object): void => {
        const functions = cInterface.parse(module);
        this.functions = functions;
        // The loader reads the functions of the module after this.
        Object.assign(module, {
          _sqlite3_step: (statement: number) => {
            this.statement = statement;
            return functions._sqlite3_step(statement);
          },
        });
      },
    };
  }

  /** The current row. `columns`: the names of its columns. */
  current(columns: readonly string[]): StoredRow {
    const row: Record<string, StoredValue> = {};
    for (const [index, column] of columns.entries()) row[column] = this.value(index);
    return row;
  }

  /** The number of columns of the statement that was stepped last. */
  get width(): number {
    return this.c._sqlite3_column_count(this.statement);
  }

  private value(column: number): StoredValue {
    switch (this.c._sqlite3_column_type(this.statement, column)) {
      case INTEGER:
        return this.integer(column);
      case FLOAT:
        return this.c._sqlite3_column_double(this.statement, column);
      case TEXT:
        return this.text(column);
      case BLOB:
        return this.content(this.c._sqlite3_column_blob(this.statement, column), column).slice();
      default:
        return null;
    }
  }

  private integer(column: number): number | bigint {
    const value = this.c._sqlite3_column_double(this.statement, column);
    return Number.isSafeInteger(value) ? value : BigInt(String(this.text(column)));
  }

  private text(column: number): string | BrokenText {
    const content = this.content(this.c._sqlite3_column_text(this.statement, column), column);
    return decodeUtf8(content) ?? new BrokenText(content);
  }

  /** The bytes of a value, until SQLite is called again. */
  private content(address: number, column: number): Uint8Array {
    const size = this.c._sqlite3_column_bytes(this.statement, column);
    // The memory moves when it grows.
    if (this.bytes.buffer !== this.memory?.buffer)
      this.bytes = new Uint8Array(this.memory?.buffer ?? new ArrayBuffer());
    return this.bytes.subarray(address, address + size);
  }

  private get c(): CInterface {
    if (this.functions === undefined) throw new Error('the engine is not loaded');
    return this.functions;
  }
}
