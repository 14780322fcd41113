/**
 * The agent kind of a folder's dispatches that name none (`docs/design/agents.md#the-default-kind`). Whether agents of the
 * kind may run there is another question: a kind that is chosen here still needs consent.
 */
import type { AgentKind } from '../../contract/agentKinds';
import type { KindChoice } from '../../contract/results/agentKinds';
import type { Log } from '../../host/log';
import { firstDefaultKind } from '../../kernel/dispatch/service';
import { Emitter, type Disposable } from '../../kernel/emitter';
import { lacksTables, problemOf } from '../../kernel/errors/errors';
import type { UsualKinds } from '../../kernel/tasks/subtask/neededAgent';
import type { EnvironmentSource } from '../dispatch/context/environment';
import type { ProjectKernel } from '../record/kernels';
import type { SettingsReader } from './settings';

/** The kinds that are chosen without a setting, the preferred one first. A record can name no other. */
export const AUTOMATIC_KINDS = ['claude-acp', 'claude', 'codex-acp', 'codex'] as const;

/** The default of versions that did not choose, and where nothing is installed. */
const FIXED_KIND = 'claude';

export interface KindFacts {
  /** The setting; empty: none. */
  readonly setting: string;
  /** The kind of the folder's first dispatch that had the default kind. */
  readonly recorded: string | undefined;
  /** The kinds whose programs are on this machine. */
  readonly installed: ReadonlySet<string>;
}

export function chooseKind({ setting, recorded, installed }: KindFacts): KindChoice {
  if (setting !== '') return { kind: setting, reason: 'setting' };
  const kept = AUTOMATIC_KINDS.find((kind) => kind === recorded);
  if (kept !== undefined) return { kind: kept, reason: 'record' };
  const first = AUTOMATIC_KINDS.find((kind) => installed.has(kind));
  return first === undefined ? { kind: FIXED_KIND, reason: 'noneInstalled' } : { kind: first, reason: 'machine' };
}

export interface DefaultKindsDeps {
  readonly settings: SettingsReader;
  readonly kinds: () => readonly AgentKind[];
  /** The record of a folder, if it is open. */
  readonly record: (folder: string) => ProjectKernel | undefined;
  /** The user's environment, in which agents are found. */
  readonly environment: () => Promise<EnvironmentSource>;
  readonly log: Log;
}

export class DefaultKinds implements Disposable {
  /** As found last; undefined until the machine is searched, which only folders without another reason need. */
  private installed: ReadonlySet<string> | undefined;
  private searches = Promise.resolve();
  private isSearching = false;
  private readonly changes: Emitter<void>;

  constructor(private readonly deps: DefaultKindsDeps) {
    this.changes = new Emitter((error) => deps.log.error('listener failed', { error }));
  }

  /** Fires when other kinds are installed than before. */
  onDidChange(listener: () => void): Disposable {
    return this.changes.event(listener);
  }

  /** Whether `choice` has all facts. If not, it starts to find them, and `onDidChange` follows. */
  isDecided(folder: string): boolean {
    if (this.installed !== undefined || !needsMachine(this.choice(folder))) return true;
    if (!this.isSearching) void this.search();
    return false;
  }

  /** By what is known now. */
  choice(folder?: string): KindChoice {
    const setting = this.deps.settings.get('intercore.agents.default', folder);
    const recorded = setting === '' && folder !== undefined ? this.recorded(folder) : undefined;
    return chooseKind({ setting, recorded, installed: this.installed ?? new Set() });
  }

  /** The same, after it searched the machine again if the choice depends on it. */
  async decide(folder?: string): Promise<KindChoice> {
    if (needsMachine(this.choice(folder))) await this.search();
    return this.choice(folder);
  }

  /** The kinds of planners and workers of a folder. */
  usual(folder: string): UsualKinds {
    const { settings } = this.deps;
    const kindFor = (name: 'intercore.tasks.planner' | 'intercore.tasks.worker'): string =>
      settings.get(name, folder) || this.choice(folder).kind;
    return { planner: kindFor('intercore.tasks.planner'), worker: kindFor('intercore.tasks.worker') };
  }

  /** Whether Intercore, and no setting, makes the kind the default of the folder. */
  readonly isDefault = (folder: string, kind: string): boolean => {
    const choice = this.choice(folder);
    return choice.reason !== 'setting' && choice.kind === kind;
  };

  dispose(): void {
    this.changes.dispose();
  }

  private recorded(folder: string): string | undefined {
    const kernel = this.deps.record(folder);
    if (kernel?.state.kind !== 'ready' && kernel?.state.kind !== 'readOnly') return undefined;
    try {
      return kernel.read((r) => firstDefaultKind(r, AUTOMATIC_KINDS, FIXED_KIND));
    } catch (error) {
      // A record of another version has no such dispatch.
      if (lacksTables(error)) return undefined;
      throw error;
    }
  }

  /** One after the other, so that the last search decides. Never rejects: without an answer, nothing is installed. */
  private search(): Promise<void> {
    this.isSearching = true;
    this.searches = this.searches.then(async () => {
      const before = this.installed;
      try {
        this.installed = await this.found();
      } catch (error) {
        this.deps.log.error('agent programs not searched', { problem: problemOf(error) });
        this.installed = before ?? new Set();
      }
      this.isSearching = false;
      if (before === undefined || String([...before]) !== String([...this.installed])) this.changes.fire();
    });
    return this.searches;
  }

  private async found(): Promise<ReadonlySet<string>> {
    const { installedKinds } = await import('./installedKinds.js');
    const names: readonly string[] = AUTOMATIC_KINDS;
    const kinds = this.deps.kinds().filter(({ name }) => names.includes(name));
    return await installedKinds(kinds, await this.deps.environment());
  }
}

function needsMachine({ reason }: KindChoice): boolean {
  return reason === 'machine' || reason === 'noneInstalled';
}
