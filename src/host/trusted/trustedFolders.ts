/**
 * The folders in which git may run and that we may remove. A path in a record is untrusted; the user's open folders,
 * our own storages and our own registry decide (`docs/design/trust.md`).
 */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../kernel/errors/errors';
import { ifThere } from '../files/fileErrors';
import { insideFolder, isVacant, ownStorageFile, realPathOf, type InsideFolder } from './insideFolder';
import type { GitFolder, OwnClone, OwnWorktree } from './ownTrees';
import { storageFolder } from '../state/stateFolder';
import { FolderRegistry, type RegisteredFolder } from './folderRegistry';

export interface TrustedFoldersDeps {
  /** The user's own folders, known without a record: those of the window, or of `ic`. Absolute. */
  readonly folders: () => readonly string[];
  /** Our storages, in which worktrees and clones are created. Absolute. */
  readonly storages: () => readonly string[];
  readonly registry: FolderRegistry;
}

/** The facts of a project about its clone. */
export interface ClaimedClone {
  readonly id: string;
  readonly clonePath: string;
}

/** `elsewhere`: a place in a record that belongs neither to the user nor to us. */
export type FolderLocation = 'known' | 'elsewhere' | 'missing';

export class TrustedFolders {
  private noted: Promise<void> | undefined;

  constructor(private readonly deps: TrustedFoldersDeps) {}

  /** Changes whenever a place becomes known. */
  get registryFile(): string {
    return this.deps.registry.file;
  }

  /** @throws KernelError `RECORDED_ELSEWHERE` for a folder that belongs neither to the user nor to us */
  async gitFolder(claim: string): Promise<GitFolder> {
    return (await this.find(claim)) ?? elsewhere(claim);
  }

  /** The state of a place for its row: `missing` if it does not exist. */
  async locationOf(claim: string): Promise<FolderLocation> {
    if (await this.isKnown(claim)) return 'known';
    return (await isVacant(claim)) ? 'missing' : 'elsewhere';
  }

  /** Whether git may run there. */
  async isKnown(claim: string): Promise<boolean> {
    return (await this.find(claim)) !== undefined;
  }

  /**
   * A worktree that we created: in the folder in which we create them, or in our registry.
   * @throws KernelError `RECORDED_ELSEWHERE`
   */
  async worktree(claim: string): Promise<OwnWorktree> {
    const real = await this.inStorage(claim, 'worktrees');
    const own = real ?? (await this.registered(claim, ({ kind }) => kind === 'worktree'));
    return (own ?? elsewhere(claim)) as OwnWorktree;
  }

  /**
   * A clone that we created for the project of this record, so that it may be removed. One older than our registry
   * contains its record, in the folder in which we create clones.
   * @throws KernelError `RECORDED_ELSEWHERE`
   */
  async clone({ id, clonePath }: ClaimedClone, recordFolder: string): Promise<OwnClone> {
    const listed = await this.registered(clonePath, ({ kind, project }) => kind === 'clone' && project === id);
    if (listed !== undefined) return listed as OwnClone;
    const real = await this.inStorage(clonePath, 'projects');
    if (real === undefined || real !== (await ifThere(realpath(recordFolder)))) return elsewhere(clonePath);
    return real as OwnClone;
  }

  /**
   * A folder that a person has just named: never one from a record or an agent.
   * @throws KernelError `FOLDER_MISSING`
   */
  async named(folder: string): Promise<GitFolder> {
    const real = await ifThere(realpath(folder));
    if (real === undefined) throw new KernelError('FOLDER_MISSING', { path: folder });
    return real as InsideFolder;
  }

  /** Registers storages, so that the editor and `ic` know each other's, and the one that a setting named before. */
  noteStorages(): Promise<void> {
    return (this.noted ??= this.note());
  }

  private async note(): Promise<void> {
    for (const storage of this.deps.storages()) {
      const real = await ifThere(realpath(storage));
      if (real === undefined || (await this.deps.registry.find(real))?.kind === 'storage') continue;
      await this.deps.registry.add(real, { kind: 'storage' });
    }
  }

  /** Registers a new clone. */
  async noteClone(folder: string, project: string): Promise<void> {
    await this.deps.registry.add(await realpath(folder), { kind: 'clone', project });
  }

  /**
   * Registers a folder that a person has named, or has seen and trusted: never one that only a record or an agent
   * names. False if it was already known.
   */
  async trust(folder: string): Promise<boolean> {
    const real = await realpath(folder);
    if (await this.isKnown(real)) return false;
    await this.deps.registry.add(real, { kind: 'trusted' });
    return true;
  }

  /** Whether a person has named exactly this place, and it was not just the folder of a record. */
  async wasNamed(claim: string): Promise<boolean> {
    return (await this.deps.registry.find(claim))?.kind === 'trusted';
  }

  /**
   * The real path of the clone in a record, if a person may trust it.
   * @throws KernelError `LOCATION_REFUSED`
   */
  async trustableClone(claim: string): Promise<string> {
    const { trustableClone } = await import('./trustableLocation.js');
    return trustableClone(claim, this.deps.registry);
  }

  /** The same for a worktree of a clone. @throws as `trustableClone` */
  async trustableWorktree(claim: string, clone: GitFolder): Promise<string> {
    const { trustableWorktree } = await import('./trustableLocation.js');
    return trustableWorktree(claim, clone, this.deps.registry);
  }

  /**
   * A worktree that git lists for a repository: registered here, or linked with the repository in both directions, and
   * not writable by other users.
   * @throws KernelError `LOCATION_REFUSED`
   */
  async worktreeOf(claim: string, clone: GitFolder): Promise<GitFolder> {
    return (await this.find(claim)) ?? ((await this.trustableWorktree(claim, clone)) as OwnWorktree);
  }

  /** Deletes the entry of a removed place. */
  async forget(place: OwnClone | OwnWorktree): Promise<void> {
    await this.deps.registry.remove(place);
  }

  private async find(claim: string): Promise<GitFolder | undefined> {
    for (const folder of this.deps.folders()) {
      const inside = await insideFolder(folder, claim);
      if (inside !== undefined) return inside;
    }
    const own = (await this.inStorage(claim)) ?? (await this.registered(claim, () => true));
    return own as OwnClone | undefined;
  }

  /** @param holder the name of the folder two levels above; undefined for any */
  private async inStorage(claim: string, holder?: string): Promise<string | undefined> {
    const storages = [...this.deps.storages(), ...(await this.deps.registry.storages())];
    const direct = await ownStorageFile(storages, claim);
    if (direct !== undefined && (holder === undefined || isHeldBy(holder, direct))) return direct;
    // Loaded only if a place is not in a storage itself.
    const { inLinkedFolder } = await import('./linkedFolders.js');
    const linked = await inLinkedFolder(storages, claim);
    const isMeant = holder === undefined || (linked?.holder === holder && linked.depth === 2);
    return isMeant ? linked?.real : undefined;
  }

  private async registered(claim: string, suits: (place: RegisteredFolder) => boolean): Promise<string | undefined> {
    const real = await realPathOf(claim);
    const found = real === undefined ? undefined : await this.deps.registry.find(real);
    return found !== undefined && suits(found) ? real : undefined;
  }
}

/** `…/worktrees/<project>/<name>` and `…/projects/<owner>/<repository>`. */
function isHeldBy(holder: string, real: string): boolean {
  return path.basename(path.resolve(real, '..', '..')) === holder;
}

function elsewhere(claim: string): never {
  throw new KernelError('RECORDED_ELSEWHERE', { path: claim });
}

/** Those of the environment's user: `ic` has its own below the folder of the registry. */
export function trustedFoldersOf(
  environment: NodeJS.ProcessEnv,
  folders: () => readonly string[],
  storages: () => readonly string[] = () => [],
): TrustedFolders {
  const own = path.dirname(storageFolder(environment));
  return new TrustedFolders({
    folders,
    storages: () => [...storages(), own],
    registry: FolderRegistry.ofUser(environment),
  });
}
