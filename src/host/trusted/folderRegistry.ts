/**
 * Our list of clones and worktrees that we created, and of places that a person has trusted. It is outside every
 * repository and shared by the editor and `ic`, so that no record decides where git runs (`docs/design/trust.md`).
 */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { KernelError } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';
import { ifThere } from '../files/fileErrors';
import { changeLockedFile } from '../locks/lockedFile';
import { storageFolder } from '../state/stateFolder';

/**
 * `clone`, `worktree` and `demo`: created by us, so that we may remove them. `storage`: a folder in which they are
 * created. `trusted`: the user's own, where git may run.
 */
export const FOLDER_KINDS = ['clone', 'worktree', 'demo', 'storage', 'trusted'] as const;
export type FolderKind = (typeof FOLDER_KINDS)[number];

const place = z.object({
  kind: z.enum(FOLDER_KINDS),
  /** The project of the clone or worktree. */
  project: z.string().optional(),
  /** In unix seconds. */
  createdAt: z.int(),
});
export type RegisteredFolder = z.infer<typeof place>;

const registry = z.object({ version: z.literal(1), places: z.record(z.string(), place) });

export class FolderRegistry {
  private known: { readonly stamp: string; readonly places: FoldersByPath } | undefined;

  constructor(
    /** Absolute. */
    readonly file: string,
  ) {}

  /** The registry of the environment's user. */
  static ofUser(environment: NodeJS.ProcessEnv): FolderRegistry {
    return new FolderRegistry(path.join(path.dirname(storageFolder(environment)), 'places.json'));
  }

  /** `realPath` without links. @throws KernelError `FILE_UNREADABLE` */
  async find(realPath: string): Promise<RegisteredFolder | undefined> {
    const places = await this.read();
    return Object.hasOwn(places, realPath) ? places[realPath] : undefined;
  }

  /** @throws KernelError `FILE_UNREADABLE` */
  async storages(): Promise<string[]> {
    const places = Object.entries(await this.read());
    return places.flatMap(([folder, { kind }]) => (kind === 'storage' ? [folder] : []));
  }

  /** @throws KernelError `FILE_UNREADABLE`, `DATABASE_BUSY` */
  async add(realPath: string, facts: Omit<RegisteredFolder, 'createdAt'>): Promise<void> {
    const createdAt = Math.floor(Date.now() / 1000);
    await this.change((places) => ({ ...places, [realPath]: { ...facts, createdAt } }));
  }

  /** @throws as `add` */
  async remove(realPath: string): Promise<void> {
    if ((await this.find(realPath)) === undefined) return;
    await this.change((places) => Object.fromEntries(Object.entries(places).filter(([key]) => key !== realPath)));
  }

  private async change(work: (places: FoldersByPath) => FoldersByPath): Promise<void> {
    await changeLockedFile(this.file, async (save) => {
      await save(`${JSON.stringify({ version: 1, places: work(await this.read()) }, undefined, 2)}\n`);
    });
  }

  /** Each change replaces the file, so a file with the same stamp is not read again. */
  private async read(): Promise<FoldersByPath> {
    const found = await ifThere(stat(this.file, { bigint: true }));
    if (found === undefined) return {};
    const stamp = [found.dev, found.ino, found.size, found.mtimeNs].join(':');
    if (this.known?.stamp === stamp) return this.known.places;
    const places = await this.parse();
    this.known = { stamp, places };
    return places;
  }

  private async parse(): Promise<FoldersByPath> {
    const text = await ifThere(readFile(this.file, 'utf8'));
    if (text === undefined) return {};
    try {
      return registry.parse(JSON.parse(text)).places;
    } catch (cause) {
      const problem = because('it does not list places');
      throw new KernelError('FILE_UNREADABLE', { path: this.file, problem }, { cause });
    }
  }
}

type FoldersByPath = Readonly<Record<string, RegisteredFolder>>;
