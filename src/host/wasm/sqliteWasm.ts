/** Finds and compiles the SQLite engine, when it is first needed, never at activation. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { loadSqlite, type SqliteEngine } from '../../kernel/db/sqlite';
import { isNoEntry } from '../files/fileErrors';

const WASM = 'sql-wasm.wasm';

type Compile = (wasm: Uint8Array) => WebAssembly.Module | Promise<WebAssembly.Module>;

/** Returns a function that loads the engine, compiled at its first call and shared by all later ones. */
export function engineLoader(compile: Compile = (wasm) => WebAssembly.compile(wasm)): () => Promise<SqliteEngine> {
  let engine: Promise<SqliteEngine> | undefined;
  return () => (engine ??= readWasm().then(compile).then(loadSqlite));
}

/** Next to the bundle if bundled, where it ships compressed to keep the package small, and in its package otherwise. */
async function readWasm(): Promise<Uint8Array> {
  try {
    return await promisify(brotliDecompress)(await readFile(path.join(__dirname, `${WASM}.br`)));
  } catch (error) {
    if (!isNoEntry(error)) throw error;
    return readFile(createRequire(__filename).resolve(`sql.js/dist/${WASM}`));
  }
}
