/** Variables that describe the current tree to agents, set-up commands and checks. */
import { PORT_BASE_VARIABLE } from '../../../host/state/portBases';
import type { Project } from '../../../kernel/tasks/record/model';
import type { TaskDeps } from '../deps';

/** The clone of the user, for set-up commands that copy from it or link to it. */
const PROJECT_VARIABLE = 'INTERCORE_PROJECT_DIR';

export async function placeVariables(
  { portBaseOf }: Pick<TaskDeps, 'portBaseOf'>,
  { clonePath }: Project,
  tree: string | null,
): Promise<Record<string, string>> {
  const base = tree === null ? undefined : await portBaseOf?.(tree);
  return { [PROJECT_VARIABLE]: clonePath, ...(base === undefined ? {} : { [PORT_BASE_VARIABLE]: String(base) }) };
}
