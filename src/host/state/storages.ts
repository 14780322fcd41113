/**
 * The registry of storages of this user's programs, outside every repository (`docs/design/trust.md`). It lets `ic`
 * find the dispatches of windows without trusting a path in a record.
 */
import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolders } from '../files/folders';
import { ifThere } from '../files/fileErrors';
import { readSmallFile } from '../files/smallFile';
import { leaderStorage, storageFolder } from './stateFolder';
import { renameOver } from '../files/renames';

type Environment = Readonly<Record<string, string | undefined>>;

const MAX_PATH_BYTES = 4096;

/** Adds a storage to the registry; harmless to repeat. */
export async function announceStorage(env: Environment, storage: string): Promise<void> {
  const place = path.resolve(storage);
  const folder = registryOf(env);
  const file = path.join(folder, createHash('sha256').update(place).digest('hex').slice(0, 32));
  if ((await readSmallFile(file, MAX_PATH_BYTES)) === place) return;
  await makeFolders(folder);
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, place, { mode: 0o600 });
  await renameOver(draft, file);
}

/** The same for a long-running program: storages of others are known from the last check on. */
export class KnownStorages {
  private found: readonly string[];

  constructor(private readonly env: Environment) {
    this.found = [storageFolder(env), leaderStorage(env)];
  }

  get known(): readonly string[] {
    return this.found;
  }

  async look(): Promise<void> {
    this.found = await knownStorages(this.env);
  }
}

/** `ic`'s own storages, and all that were announced. */
export async function knownStorages(env: Environment): Promise<readonly string[]> {
  const folder = registryOf(env);
  const names = (await ifThere(readdir(folder))) ?? [];
  const files = names.filter((name) => /^[0-9a-f]{32}$/.test(name)).map((name) => path.join(folder, name));
  const found = await Promise.all(files.map((file) => readSmallFile(file, MAX_PATH_BYTES)));
  const announced = found.filter((place) => place !== undefined).filter((place) => path.isAbsolute(place));
  return [...new Set([storageFolder(env), leaderStorage(env), ...announced])];
}

function registryOf(env: Environment): string {
  return path.join(path.dirname(storageFolder(env)), 'storages');
}
