/**
 * Held accounts for programs without the settings of a window, each with the name of the kind that reached its limit.
 */
import { AccountHolds } from '../../host/state/accountHolds';
import { systemClock } from '../../host/clock';
import { accountsFolder } from '../../host/state/stateFolder';
import type { HeldView } from '../../services/attention/items/heldItems';
import { heldNow } from '../../services/dispatch/context/heldAccounts';

export function heldAccounts(env: NodeJS.ProcessEnv): HeldView {
  const holds = heldNow(new AccountHolds(accountsFolder(env)), systemClock.nowMs());
  return { kinds: holds.map((hold) => [hold.kind, hold] as const) };
}
