/** JSON of `ic` for a failed stage that is retried. */
import type { StageFailure } from '../../kernel/tasks/upkeep/stageHolds';
import type { JsonValue } from './output';

export function failureMap({ stage, tries, since, nextAt, reason }: StageFailure): {
  readonly [key: string]: JsonValue;
} {
  return { stage, tries, since, reason, ...(nextAt === null ? {} : { next_at: nextAt }) };
}
