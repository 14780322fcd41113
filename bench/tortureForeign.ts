/**
 * Writes a record beside other SQLite programs, in both journal modes, and searches for every acknowledged write.
 * `node out/bench/tortureForeign.js [seconds]`; ends with code 1 if one is lost or the file is damaged.
 */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { tortureBesideOthers } from '../test/support/hostile/foreignTorture';
import { findNativeNode } from './nativeNode';

async function main(seconds: number): Promise<void> {
  const node = await findNativeNode();
  if (node === undefined) console.log('No Node with node:sqlite found: only image writers run.');
  for (const journalMode of ['DELETE', 'WAL'] as const) {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'intercore-torture-')));
    const result = await tortureBesideOthers({
      folder,
      journalMode,
      seconds: seconds / 2,
      native: node === undefined ? undefined : { node, storage: 'native' },
      image: { storage: 'image' },
    });
    console.log(journalMode, { ...result, lost: result.lost.length, which: result.lost.slice(0, 20) });
    if (result.lost.length > 0 || result.integrity !== 'ok') process.exitCode = 1;
    await rm(folder, { recursive: true });
  }
}

main(Number(process.argv[2] ?? 600)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
