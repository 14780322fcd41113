/** The settings of a leader: a window reads them from its editor, `ic lead` from files. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { withUsage, type AgentKind } from '../../contract/agentKinds';
import { withBuiltIns } from '../agents/builtInKinds';
import type { SettingName, SettingValue } from '../../contract/settings/settings';
import { DEFAULT_BACKOFF } from '../../kernel/tasks/stage/backoff';
import type { UsualKinds } from '../../kernel/tasks/subtask/neededAgent';
import type { TaskSettings } from '../tasks/deps';

/** Read when they are needed, so that changes take effect. */
export interface SettingsReader {
  /** The value for a folder, or for the whole program. An invalid value is replaced by its default. */
  get<S extends SettingName>(name: S, folder?: string): SettingValue<S>;
}

const BYTES_PER_MB = 1024 * 1024;

/** The agent kinds, with the prices and limits from the settings. */
export function agentKindsOf(settings: SettingsReader): AgentKind[] {
  return withUsage(withBuiltIns(settings.get('intercore.agents.kinds')), settings.get('intercore.budget.kinds'));
}

/** Largest size of the log of an agent or a check; 0 for no limit. */
export function logLimitBytes(settings: SettingsReader): number {
  return settings.get('intercore.dispatch.logLimitMB') * BYTES_PER_MB;
}

/**
 * @param usual the kinds of planners and workers there
 * @param root the installation folder of this program, with the templates
 */
export function taskSettings(settings: SettingsReader, usual: UsualKinds, folder: string, root: string): TaskSettings {
  const template = (given: string, name: string): string => (given === '' ? path.join(root, 'prompts', name) : given);
  return {
    ...usual,
    maxAttempts: settings.get('intercore.tasks.maxAttempts', folder),
    timeLimitMinutes: settings.get('intercore.tasks.timeLimitMinutes', folder),
    maxConcurrent: settings.get('intercore.tasks.maxConcurrent', folder),
    checks: settings.get('intercore.tasks.checks', folder),
    setup: settings.get('intercore.tasks.setup', folder),
    include: settings.get('intercore.tasks.include', folder),
    includeBy: settings.get('intercore.tasks.includeBy', folder),
    failedCleanupMinutes: settings.get('intercore.tasks.failedCleanupMinutes', folder),
    tracker: settings.get('intercore.tasks.tracker', folder),
    beadsPath: settings.get('intercore.tasks.beadsPath', folder),
    beadsSyncSeconds: settings.get('intercore.tasks.beadsSyncSeconds', folder),
    backoff: DEFAULT_BACKOFF,
    plannerPrompt: template(settings.get('intercore.tasks.plannerPrompt', folder), 'planner.md'),
    workerPrompt: template(settings.get('intercore.tasks.workerPrompt', folder), 'worker.md'),
  };
}

/**
 * The folder for one folder's worktrees, plans and check output, inside the shared storage. Folder names may be equal.
 */
export function folderStorage(taskStorage: string, folder: string): string {
  return path.join(taskStorage, createHash('sha256').update(folder).digest('hex').slice(0, 16));
}
