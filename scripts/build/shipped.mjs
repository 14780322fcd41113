/** What ships, in dist/. */
import { build, context } from 'esbuild';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';
import { parts } from './parts.mjs';
import { packages, pages, programs } from './programs.mjs';
import { root } from './project.mjs';

export const WASM = 'node_modules/sql.js/dist/sql-wasm.wasm';

/** @param {boolean} write */
export const shipped = (write) => [parts(write), programs, packages, pages];

export async function buildShipped() {
  await rm(path.join(root, 'dist'), { recursive: true, force: true });
  await mkdir(path.join(root, 'dist'));
  await Promise.all([writeManifest(), packWasm(), ...shipped(true).map((part) => build(part))]);
}

/** Builds again whenever a source changes. */
export async function watchShipped() {
  await mkdir(path.join(root, 'dist'), { recursive: true });
  await Promise.all([writeManifest(), packWasm()]);
  for (const part of shipped(true)) await (await context({ ...part, logLevel: 'info' })).watch();
}

/** SQLite, as `src/host/wasm/sqliteWasm.ts` reads it. */
async function packWasm() {
  const packed = await promisify(brotliCompress)(await readFile(path.join(root, WASM)));
  await writeFile(path.join(root, 'dist/sql-wasm.wasm.br'), packed);
}

/** Without a manifest next to it, Node reads that of the extension to learn what kind of module a program is: 150 KB. */
async function writeManifest() {
  await writeFile(path.join(root, 'dist/package.json'), '{"type":"commonjs"}');
}
