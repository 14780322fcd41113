/**
 * Unknown formats in agents' output: names with counts, one small file for each kind and version in this user's own
 * state. Programs that settle dispatches at the same time may lose a count, which is acceptable.
 */
import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { makeFolders } from '../files/folders';
import { ifThere } from '../files/fileErrors';
import { readSmallFile } from '../files/smallFile';
import { renameOver } from '../files/renames';

const MOST_NAMES = 50;
const MAX_BYTES = 65_536;

const kindDrift = z.object({
  kind: z.string().max(64),
  version: z.string().max(200),
  counts: z.record(z.string().max(200), z.int().min(1)),
});
export type KindDrift = z.infer<typeof kindDrift>;

/** Adds the findings of one dispatch. */
export async function addDrift(folder: string, { kind, version, counts }: KindDrift): Promise<void> {
  const file = path.join(folder, createHash('sha256').update(`${kind}\0${version}`).digest('hex').slice(0, 32));
  const sums = new Map(Object.entries((await readDrift(file))?.counts ?? {}));
  for (const [name, count] of Object.entries(counts)) {
    if (sums.has(name) || sums.size < MOST_NAMES) sums.set(name, (sums.get(name) ?? 0) + count);
  }
  await makeFolders(folder);
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify({ kind, version, counts: Object.fromEntries(sums) }), { mode: 0o600 });
  await renameOver(draft, file);
}

export async function listDrift(folder: string): Promise<readonly KindDrift[]> {
  const names = ((await ifThere(readdir(folder))) ?? []).filter((name) => /^[0-9a-f]{32}$/.test(name));
  const found = await Promise.all(names.map((name) => readDrift(path.join(folder, name))));
  return found.filter((drift) => drift !== undefined);
}

/** Undefined if there is none, or if it cannot be read. */
async function readDrift(file: string): Promise<KindDrift | undefined> {
  const text = await readSmallFile(file, MAX_BYTES);
  if (text === undefined) return undefined;
  try {
    return kindDrift.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
