/** An environment that agents and checks of a test are given variables from. */
import type { EnvironmentSource } from '../../../src/services/dispatch/context/environment';

export function environmentOf(
  variables: NodeJS.ProcessEnv,
  passEnv: readonly string[] = [],
): () => Promise<EnvironmentSource> {
  return () => Promise.resolve({ variables, passEnv });
}
