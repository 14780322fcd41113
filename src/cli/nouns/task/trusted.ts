/** How a location that a person has trusted is printed: its real path, and whether it was known before. */
import type { TrustedLocation } from '../../../contract/results/tasks';
import type { CliContext } from '../../command';
import type { JsonValue } from '../../output/output';

export const PRINT_TRUSTED = {
  text: ({ path }: TrustedLocation, { out }: CliContext): void => out.line(path),
  json: ({ path, isNew }: TrustedLocation): JsonValue => ({ path, new: isNew }),
};
