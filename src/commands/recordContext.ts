/** Keeps the context keys in step with the records of the open folders (design §10, §13). */
import type * as vscode from 'vscode';
import { EMPTY_RECORD_CONTEXT, type Emptiness, type RecordContextValues } from '../contract/contextKeys';
import { countActive, listDispatches } from '../kernel/dispatch/service';
import { currentRun, listRuns } from '../kernel/run/service';
import type { KernelState, ProjectKernel, WorkspaceKernels } from '../services/kernels';
import type { ContextKeys } from './contextKeys';
import { isReadable } from '../services/operations/host';

interface Deps {
  readonly kernels: WorkspaceKernels;
  readonly keys: ContextKeys;
  trusted(): boolean;
}

/** What a folder holds, as far as menus and welcomes ask. */
interface Holding {
  readonly runs: boolean;
  readonly dispatches: boolean;
  /** A run came to its last phase. */
  readonly completed: boolean;
}
const NOTHING: Holding = { runs: false, dispatches: false, completed: false };

export class RecordContext implements vscode.Disposable {
  /** A record that has rows goes on having them until its file is read again, so it is asked once. */
  private readonly held = new WeakMap<ProjectKernel, Holding>();
  private readonly subscriptions: readonly { dispose(): void }[];
  private scheduled: NodeJS.Immediate | undefined;

  constructor(private readonly deps: Deps) {
    const { kernels } = deps;
    this.subscriptions = [
      kernels.onDidChange(({ kernel, change }) => {
        if (change.origin === 'file') this.held.delete(kernel);
        this.changed();
      }),
      kernels.onDidChangeState(() => this.changed()),
      kernels.onDidChangeFolders(() => this.changed()),
    ];
    this.changed();
  }

  /** Says that something changed; several changes in one turn of the loop count once. */
  changed(): void {
    this.scheduled ??= setImmediate(() => {
      this.scheduled = undefined;
      this.deps.keys.set(this.values());
    });
  }

  dispose(): void {
    clearImmediate(this.scheduled);
    for (const subscription of this.subscriptions) subscription.dispose();
    this.deps.keys.set(EMPTY_RECORD_CONTEXT);
  }

  private values(): RecordContextValues {
    const kernels = this.deps.kernels.all();
    const readable = kernels.filter(isReadable);
    const holdings = readable.map((kernel) => this.holding(kernel));
    const has = (kind: KernelState['kind']) => kernels.some(({ state }) => state.kind === kind);
    const writable = this.deps.trusted() && has('ready');
    return {
      'intercore.emptiness': emptinessOf(
        kernels.map(({ state }) => state),
        this.deps.trusted(),
      ),
      'intercore.databaseMissing': has('missing'),
      'intercore.databasePresent': readable.length > 0 || has('failed'),
      'intercore.databaseReadable': readable.length > 0,
      'intercore.databaseWritable': writable,
      'intercore.backupPresent': kernels.some(({ state }) => hasBackup(state)),
      'intercore.runPresent': holdings.some(({ runs }) => runs),
      'intercore.runActive': readable.some(hasActiveRun),
      'intercore.runCompleted': holdings.some(({ completed }) => completed),
      'intercore.dispatchPresent': holdings.some(({ dispatches }) => dispatches),
      'intercore.dispatchLive': readable.some((kernel) => kernel.read((reader) => countActive(reader)) > 0),
    };
  }

  private holding(kernel: ProjectKernel): Holding {
    const before = this.held.get(kernel) ?? NOTHING;
    if (before.runs && before.dispatches && before.completed) return before;
    const now = kernel.read((reader) => ({
      runs: before.runs || listRuns(reader).runs.length > 0,
      dispatches: before.dispatches || listDispatches(reader).dispatches.length > 0,
      completed: before.completed || listRuns(reader, { status: 'completed' }).runs.length > 0,
    }));
    this.held.set(kernel, now);
    return now;
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

function hasBackup(state: KernelState): boolean {
  return state.kind === 'failed' && state.backup !== undefined;
}

/** The current run answers mostly; only where the folder has none are runs of other projects looked for. */
function hasActiveRun(kernel: ProjectKernel): boolean {
  return kernel.read(
    (reader) =>
      currentRun(reader, kernel.folder) !== undefined || listRuns(reader, { status: 'active' }).runs.length > 0,
  );
}
