/**
 * Runs one of our own bundles with V8's bytecode from earlier processes, which makes a short process a sixth faster.
 * The cache is next to the bundle: a user who can write there can change the bundle itself, so it needs no separate
 * trust. If the folder is not writable, nothing is cached.
 */
import { isAscii } from 'node:buffer';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire, wrap } from 'node:module';
import path from 'node:path';
import { Script } from 'node:vm';

interface BundleModule {
  readonly exports: {
    /** A bundle whose parts are used by different processes exports here which part was used. */
    readonly used?: { readonly part?: string | undefined };
  };
}

type BundleFunction = (
  exports: object,
  require: NodeJS.Require,
  module: BundleModule,
  file: string,
  folder: string,
) => void;

/** V8 drops bytecode that has not run for a while, so a longer process would lose the additions of others. */
const MOST_ADDING_MS = 10_000;

/** At the end of the file: the length of the names of the parts, in bytes. */
const LENGTH_BYTES = 4;

/** Loads the bundle as `require` would, for its effect alone. */
export function runCached(bundle: string): void {
  const cache = cacheFile(bundle);
  const kept = splitParts(readIfPossible(cache));
  const script = new Script(wrap(readSource(bundle)), {
    filename: bundle,
    ...(kept === undefined ? {} : { cachedData: kept.code }),
  });
  const known = kept === undefined || script.cachedDataRejected === true ? undefined : kept.parts;
  const module: BundleModule = { exports: {} };
  // At the end, when all code that this process used has been compiled.
  process.once('exit', () => {
    const part = module.exports.used?.part;
    const isNew = part !== undefined && known?.includes(part) !== true && performance.now() < MOST_ADDING_MS;
    if (known === undefined || isNew) keep(script, cache, [...(known ?? []), ...(isNew ? [part] : [])]);
  });
  const run = script.runInThisContext() as BundleFunction;
  run(module.exports, createRequire(bundle), module, bundle, path.dirname(bundle));
}

/** V8 itself compares its version, its flags and the length of the source; the name distinguishes edits. */
function cacheFile(bundle: string): string {
  const { size, mtimeMs } = statSync(bundle);
  return `${bundle}.${process.arch}-${process.versions.v8}-${size}-${mtimeMs}.cache`;
}

/** In one read, and without decoding ASCII, which the shipped bundle is. */
function readSource(bundle: string): string {
  const bytes = readFileSync(bundle);
  return bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');
}

/** Without a cache, or with one that is not readable, everything is compiled again. */
function readIfPossible(cache: string): Buffer | undefined {
  try {
    return readFileSync(cache);
  } catch {
    return undefined;
  }
}

/** Atomically: V8 does not validate the cache thoroughly. */
function keep(script: Script, cache: string, parts: readonly string[]): void {
  const draft = `${cache}.${process.pid}`;
  try {
    const file = openSync(draft, 'wx', 0o644);
    try {
      writeFileSync(file, joinParts({ code: script.createCachedData(), parts }));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, cache);
  } catch {
    // A folder of another user, or a full disk: the next call compiles again.
    rmSync(draft, { force: true });
  }
}

/** The file of a cache: V8's data, followed by the names of the used parts of the bundle. */
interface CachedParts {
  readonly code: Buffer;
  readonly parts: readonly string[];
}

function joinParts({ code, parts }: CachedParts): Buffer {
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
