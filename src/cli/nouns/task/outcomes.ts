/** How commands of projects, tasks and subtasks print results that several of them have. */
import type { TaskDeletion, TrustedLocation } from '../../../contract/results/tasks';
import type { CliContext } from '../../command/command';
import type { JsonValue } from '../../output/output';

/** A location that a person has trusted: its real path, and whether it was known before. */
export const PRINT_TRUSTED = {
  text: ({ path }: TrustedLocation, { out }: CliContext): void => out.line(path),
  json: ({ path, isNew }: TrustedLocation): JsonValue => ({ path, new: isNew }),
};

/** What deleted tasks have left in the repository. */
export function printDeleted(deletions: readonly TaskDeletion[], { out }: CliContext): void {
  for (const branch of deletions.flatMap(({ branches }) => branches)) out.row('kept branch', branch);
  for (const ref of deletions.flatMap(({ snapshots }) => snapshots)) out.row('kept snapshot', ref);
}

export function deletedMap(id: string, deletions: readonly TaskDeletion[]): JsonValue {
  return {
    id,
    branches: deletions.flatMap(({ branches }) => branches),
    snapshots: deletions.flatMap(({ snapshots }) => snapshots),
    left: deletions.flatMap(({ left }) => left.map((one) => one.path)),
  };
}

/** Worktrees that could not be removed. */
export function reportLeft(deletions: readonly Pick<TaskDeletion, 'left'>[], { name, out }: CliContext): void {
  for (const one of deletions.flatMap(({ left }) => left)) out.message(`${name}: ${one.path} is left: ${one.problem}`);
}
