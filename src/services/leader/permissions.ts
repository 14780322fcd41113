/** Whether agents may run in a folder: which kinds, and for whose tasks. */
import type { AgentKind } from '../../contract/agentKinds';
import type { Task } from '../../kernel/tasks/record/model';
import type { AgentConsents } from '../consent/agentConsent';
import type { OwnWork } from '../dispatch/context/ownWork';
import type { ProjectKernel } from '../record/projectKernel';
import type { DefaultKinds } from './defaultKind';
import { agentKindsOf, type SettingsReader } from './settings';

export interface AgentPermissionsDeps {
  readonly settings: SettingsReader;
  readonly defaults: Pick<DefaultKinds, 'usual'>;
  readonly consents: AgentConsents;
  readonly work: OwnWork;
}

export class AgentPermissions {
  constructor(private readonly deps: AgentPermissionsDeps) {}

  /** Kinds that would run in the folder and are not allowed yet: the given kinds, else those of its tasks. */
  missing(folder: string, names: readonly string[] = this.usual(folder)): AgentKind[] {
    return this.kinds(folder, names).filter((kind) => !this.deps.consents.isAllowed(folder, kind));
  }

  /** The kinds of the folder's tasks. */
  kinds(folder: string, names: readonly string[] = this.usual(folder)): AgentKind[] {
    return agentKindsOf(this.deps.settings).filter(({ name }) => names.includes(name));
  }

  /** Tasks that came with the folder. */
  foreign(kernel: ProjectKernel): readonly Task[] {
    return kernel.read((r) => this.deps.work.foreignTasks(kernel.folder, r));
  }

  /** Whether a person must allow something before agents work on the folder's tasks. */
  isForbidden(kernel: ProjectKernel): boolean {
    return this.missing(kernel.folder).length > 0 || this.foreign(kernel).length > 0;
  }

  private usual(folder: string): readonly string[] {
    const { planner, worker } = this.deps.defaults.usual(folder);
    return [planner, worker];
  }
}
