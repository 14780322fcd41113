/** What ships, in dist/. */
import { build, context } from 'esbuild';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';
import { parts } from './parts.mjs';
import { place, placeAll } from './placed.mjs';
import { packages, pages, programs } from './programs.mjs';
import { root } from './project.mjs';

export const WASM = 'node_modules/sql.js/dist/sql-wasm.wasm';

const DIST = path.join(root, 'dist');

/** The bundles. None of them writes its files. */
export const shipped = [parts, programs, packages, pages].map((part) => ({ ...part, write: false }));

/** Until all is built, the build before stays as it is. */
export async function buildShipped() {
  const [made, others] = await Promise.all([Promise.all(shipped.map((part) => build(part))), copied()]);
  await placeAll(DIST, [...others, ...made.flatMap(({ outputFiles }) => outputFiles)]);
}

/** Builds again whenever a source changes. */
export async function watchShipped() {
  await place(await copied());
  const placed = {
    name: 'placed',
    setup: ({ onEnd }) => onEnd(async ({ outputFiles = [] }) => await place(outputFiles)),
  };
  for (const part of shipped) {
    await (await context({ ...part, plugins: [...(part.plugins ?? []), placed], logLevel: 'info' })).watch();
  }
}

/** What no bundle makes. */
async function copied() {
  return [manifest(), await packedWasm()];
}

/** SQLite, as `src/host/wasm/sqliteWasm.ts` reads it. */
async function packedWasm() {
  const contents = await promisify(brotliCompress)(await readFile(path.join(root, WASM)));
  return { path: path.join(DIST, 'sql-wasm.wasm.br'), contents };
}

/** Without a manifest next to it, Node reads that of the extension to learn what kind of module a program is: 150 KB. */
function manifest() {
  return { path: path.join(DIST, 'package.json'), contents: '{"type":"commonjs"}' };
}
