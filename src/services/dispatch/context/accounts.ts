/**
 * Limits hold the account of an agent, not its dispatch: no agent of the account starts on this machine until the limit
 * resets.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { AgentKind } from '../../../contract/agentKinds';
import type { AccountHold } from '../../../host/state/accountHolds';
import { KernelError } from '../../../kernel/errors/errors';
import { heldUntilMs, isHeld } from '../../../kernel/failure/accountHold';
import { FAILURE_POLICIES, type FailureClass } from '../../../kernel/failure/failureClass';
import { storableText } from '../../../kernel/text/storableText';
import type { DispatcherDeps } from './deps';
import { environmentSource, kindEnvironment } from './environment';

/** Variables that select an account: credentials, and the folder of a program's sign-in. */
const CHOOSES = /KEY|TOKEN|SECRET|CREDENTIAL|PROFILE|ACCOUNT|REGION|BASE_URL|CONFIG_DIR|^HOME$|_HOME$|^USERPROFILE$/;
const OWN_WAYS = /^(JAVA|JDK|PNPM|VOLTA|COREPACK|GRADLE|M2|MAVEN|CARGO|RUSTUP|POETRY|KOTLIN|CUDA|ANDROID|GEM)/;
const MAX_REASON_LENGTH = 1000;

export type AccountDeps = Pick<DispatcherDeps, 'accounts' | 'environment' | 'ports'>;

/**
 * The mark of an account: the program and the credential of a kind's agents. Kinds that differ only in their arguments
 * share it, and so do an adapter and the program that it uses.
 */
export async function accountOf(deps: Pick<DispatcherDeps, 'environment'>, kind: AgentKind): Promise<string> {
  const environment = kindEnvironment(kind, await environmentSource(deps));
  const chosen = Object.entries(environment).filter(([name]) => CHOOSES.test(name) && !OWN_WAYS.test(name));
  const facts = [
    path.basename(kind.session?.account ?? kind.command),
    ...chosen.map(([name, value]) => `${name}=${value}`).sort(),
  ];
  return createHash('sha256').update(facts.join('\0')).digest('hex').slice(0, 32);
}

/** The hold that prevents agents of the kind from starting now. */
async function holdOf(deps: AccountDeps, kind: AgentKind): Promise<AccountHold | undefined> {
  if (deps.accounts === undefined) return undefined;
  const hold = deps.accounts.find(await accountOf(deps, kind));
  return hold !== undefined && isHeld(hold, deps.ports.clock.nowMs()) ? hold : undefined;
}

/** @throws KernelError `ACCOUNT_HELD` */
export async function refuseHeld(deps: AccountDeps, kind: AgentKind): Promise<void> {
  const hold = await holdOf(deps, kind);
  if (hold === undefined) return;
  const { reason } = hold;
  if (hold.untilMs === null) throw new KernelError('ACCOUNT_STOPPED', { kind: kind.name, reason });
  throw new KernelError('ACCOUNT_HELD', { kind: kind.name, reason, until: new Date(hold.untilMs).toISOString() });
}

/** Records that an agent of the account has ended. A limit holds the account; success ends the hold. */
export function noteEnding(
  deps: AccountDeps,
  { account, kind }: { readonly account: string; readonly kind: AgentKind },
  ending:
    | { readonly kind: 'completed' }
    | {
        readonly kind: 'failed';
        readonly class: FailureClass;
        readonly resetsAt: number | null;
        /** When the agent started, in milliseconds; null if unknown. */
        readonly startedMs: number | null;
        readonly reason: string;
      },
  chance: number = Math.random(),
): void {
  const { accounts, ports } = deps;
  const known = accounts?.find(account);
  if (ending.kind === 'completed') {
    // A person stopped the account. An agent that was still running does not change that.
    if (known !== undefined && known.untilMs !== null) accounts?.release(account);
    return;
  }
  if (FAILURE_POLICIES[ending.class].holds !== 'account' || (known !== undefined && known.untilMs === null)) return;
  const nowMs = ports.clock.nowMs();
  // Agents that run at the same time hit the same limit, which counts once.
  const tries = known === undefined ? 1 : isHeld(known, nowMs) ? known.tries : known.tries + 1;
  const { class: met, resetsAt, startedMs } = ending;
  const untilMs = heldUntilMs({ class: met, resetsAt, startedMs, tries, nowMs, chance });
  const reason = storableText(ending.reason, MAX_REASON_LENGTH);
  const sinceMs = Math.min(known?.sinceMs ?? nowMs, nowMs);
  accounts?.set({ account, kind: kind.name, reason, sinceMs, untilMs, tries });
}
