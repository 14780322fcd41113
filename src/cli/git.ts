/** Git for a call of `ic`, which its person makes in a folder of theirs. */
import { Git } from '../host/git/git';
import { placesOf } from '../host/trusted/places';

/** `folders`: those that the call is about, known without their records. */
export function gitIn(environment: NodeJS.ProcessEnv, ...folders: readonly string[]): Git {
  return new Git({ environment, trusted: () => true, places: placesOf(environment, () => folders) });
}
