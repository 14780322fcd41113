/** The sessions of a folder's active dispatches, followed for *Needs You*. Loaded with the folder's first dispatch. */
import { findDispatchFiles } from '../../../host/launcher/dispatchFiles';
import type { Log } from '../../../host/log';
import type { Dispatch } from '../../../kernel/dispatch/model';
import { activeDispatches } from '../../../kernel/dispatch/service';
import { problemOf } from '../../../kernel/errors/errors';
import type { ProjectKernel } from '../../record/projectKernel';
import type { ObservedSession } from '../items/agentItems';
import { SessionWatch } from './sessionWatch';

/** Between a change of dispatches and the search for their sessions. */
const REST_MS = 200;

export interface FolderSessionsDeps {
  readonly kernel: ProjectKernel;
  readonly log: Log;
  /** The folders with files of dispatches. */
  readonly storages: () => readonly string[];
  /** A session appeared, changed, or disappeared. */
  readonly onChanged: () => void;
}

export class FolderSessions {
  private readonly watches = new Map<string, SessionWatch>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private isOver = false;

  constructor(private readonly deps: FolderSessionsDeps) {}

  /** By the ids of their dispatches. */
  get sessions(): ReadonlyMap<string, ObservedSession> {
    const found = new Map<string, ObservedSession>();
    for (const [id, { session }] of this.watches) if (session !== undefined) found.set(id, session);
    return found;
  }

  /** Dispatches may have started, or ended. */
  note(): void {
    if (this.isOver) return;
    const again = async (): Promise<void> => {
      this.timer = undefined;
      await this.looking;
      await this.look();
    };
    this.timer ??= setTimeout(() => void again(), REST_MS).unref();
  }

  /** Reads the sessions of all active dispatches. */
  async look(): Promise<void> {
    await (this.looking ??= this.follow().finally(() => {
      this.looking = undefined;
    }));
  }

  dispose(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    for (const watch of this.watches.values()) watch.dispose();
    this.watches.clear();
  }

  private async follow(): Promise<void> {
    const { kernel, log, onChanged } = this.deps;
    try {
      const active = activeIn(kernel);
      const ids = new Set<string>(active.map(({ id }) => id));
      const ended = [...this.watches].filter(([id]) => !ids.has(id));
      for (const [id, watch] of ended) {
        watch.dispose();
        this.watches.delete(id);
      }
      if (ended.some(([, { session }]) => session !== undefined)) onChanged();
      for (const dispatch of active) await (await this.watchOf(dispatch))?.look();
    } catch (error) {
      log.warn('sessions not read', { folder: kernel.folder, problem: problemOf(error) });
    }
  }

  private async watchOf(dispatch: Dispatch): Promise<SessionWatch | undefined> {
    const { log, storages, onChanged } = this.deps;
    const known = this.watches.get(dispatch.id);
    if (known !== undefined) return known;
    const files = await findDispatchFiles(storages(), dispatch.id);
    if (files === undefined || this.isOver) return undefined;
    const watch = new SessionWatch(files, dispatch, log, onChanged);
    this.watches.set(dispatch.id, watch);
    return watch;
  }
}

function activeIn(kernel: ProjectKernel): readonly Dispatch[] {
  const { kind } = kernel.state;
  return kind === 'ready' || kind === 'readOnly' ? kernel.read((r) => activeDispatches(r)) : [];
}
