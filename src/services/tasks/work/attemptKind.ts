/** The agent kind of an attempt: that of the settings, or one that a person chose, which the record stores. */
import { kindOf, type Needed, type UsualKinds } from '../../../kernel/tasks/subtask/neededAgent';
import { refuseScriptKind } from '../../agents/builtInKinds';

/**
 * A record may come from elsewhere, so it never chooses a kind that runs its prompt as a program.
 * @throws KernelError `INVALID_ARGUMENT` for such a kind
 */
export function attemptKind(needed: Needed, usual: UsualKinds): string {
  if (typeof needed !== 'string') refuseScriptKind(needed.kind);
  return kindOf(needed, usual);
}
