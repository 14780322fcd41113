/** Keeps the context keys in step with the records of the open folders. */
import { EMPTY_RECORD_CONTEXT, type Emptiness, type RecordContextValues } from '../../contract/contextKeys';
import { countActive, hasDispatches } from '../../kernel/dispatch/service';
import { hasQueued } from '../../kernel/queue/service';
import { hasRuns } from '../../kernel/run/record/queries';
import type { KernelState, ProjectKernel, WorkspaceKernels } from '../../services/record/kernels';
import type { ContextKeys } from './contextKeys';
import { SyncedContextKeys, ofRecords, type Subscribe } from './syncedContextKeys';
import { isReadable } from '../../services/operations/host';

interface Deps {
  readonly kernels: WorkspaceKernels;
  readonly keys: ContextKeys;
  trusted(): boolean;
  /** The window becomes trusted. */
  readonly onDidTrust: Subscribe;
}

/** What a folder holds, as far as menus and welcomes ask. */
interface Holding {
  readonly runs: boolean;
  readonly dispatches: boolean;
  /** A run came to its last phase. */
  readonly completed: boolean;
}
const NOTHING: Holding = { runs: false, dispatches: false, completed: false };

export function keepRecordContext(deps: Deps): SyncedContextKeys<RecordContextValues> {
  const { kernels, keys } = deps;
  const holdings = new Holdings();
  return new SyncedContextKeys({
    keys,
    changes: [
      ...ofRecords(kernels),
      () =>
        kernels.onDidChange(({ kernel, change }) => {
          if (change.origin === 'file') holdings.forget(kernel);
        }),
      deps.onDidTrust,
    ],
    empty: EMPTY_RECORD_CONTEXT,
    values: () => valuesOf(kernels.all(), holdings, deps.trusted()),
  });
}

function valuesOf(kernels: readonly ProjectKernel[], holdings: Holdings, trusted: boolean): RecordContextValues {
  const readable = kernels.filter(isReadable);
  const held = readable.map((kernel) => holdings.of(kernel));
  const states = kernels.map(({ state }) => state);
  const has = (kind: KernelState['kind']) => states.some((state) => state.kind === kind);
  return {
    'intercore.emptiness': emptinessOf(states, trusted),
    'intercore.databaseMissing': has('missing'),
    'intercore.databasePresent': readable.length > 0 || has('failed'),
    'intercore.databaseReadable': readable.length > 0,
    'intercore.databaseWritable': trusted && has('ready'),
    'intercore.backupPresent': states.some(hasBackup),
    'intercore.runPresent': held.some(({ runs }) => runs),
    'intercore.runActive': readable.some(hasActiveRun),
    'intercore.runCompleted': held.some(({ completed }) => completed),
    'intercore.dispatchPresent': held.some(({ dispatches }) => dispatches),
    'intercore.dispatchQueued': readable.some((kernel) => kernel.read(hasQueued)),
    'intercore.dispatchLive': readable.some((kernel) => kernel.read((reader) => countActive(reader)) > 0),
  };
}

/** A record that has rows continues having them until its file is read again, so it is asked once. */
class Holdings {
  private readonly held = new WeakMap<ProjectKernel, Holding>();

  of(kernel: ProjectKernel): Holding {
    const before = this.held.get(kernel) ?? NOTHING;
    if (before.runs && before.dispatches && before.completed) return before;
    const now = kernel.read((reader) => ({
      runs: before.runs || hasRuns(reader),
      dispatches: before.dispatches || hasDispatches(reader),
      completed: before.completed || hasRuns(reader, 'completed'),
    }));
    this.held.set(kernel, now);
    return now;
  }

  forget(kernel: ProjectKernel): void {
    this.held.delete(kernel);
  }
}

/** Why views are empty, judged by the folder that is best off. */
export function emptinessOf(states: readonly KernelState[], trusted: boolean): Emptiness {
  const has = (kind: KernelState['kind']) => states.some((state) => state.kind === kind);
  if (states.length === 0) return 'noFolder';
  if (has('ready')) return trusted ? 'ready' : 'readOnly';
  if (has('readOnly')) return 'readOnly';
  if (has('loading')) return 'loading';
  if (states.some(hasBackup)) return 'damaged';
  if (has('failed')) return 'failed';
  return trusted ? 'missing' : 'untrusted';
}

export function hasBackup(state: KernelState): boolean {
  return state.kind === 'failed' && state.backup !== undefined;
}

function hasActiveRun(kernel: ProjectKernel): boolean {
  return kernel.read((reader) => hasRuns(reader, 'active'));
}
