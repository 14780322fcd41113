/** `ic agent held|resume|pause`: accounts of agents that a limit holds on this machine. */
import { AccountHolds, type AccountHold } from '../../host/accountHolds';
import { systemPorts } from '../../host/clock';
import { accountsFolder } from '../../host/stateFolder';
import { KernelError } from '../../kernel/errors';
import { isHeld } from '../../kernel/failure/accountHold';
import type { CliCommand, CliContext } from '../command';
import { EXIT } from '../command';
import { positional } from '../values';

const NEVER = 'until you resume it';

function holdsOf({ env }: Pick<CliContext, 'env'>): { readonly accounts: AccountHolds; readonly held: AccountHold[] } {
  const accounts = new AccountHolds(accountsFolder(env));
  const nowMs = systemPorts.clock.nowMs();
  return { accounts, held: accounts.list().filter((hold) => isHeld(hold, nowMs)) };
}

/** @throws KernelError `NOT_FOUND` */
function heldOf(context: CliContext, name: string): { readonly accounts: AccountHolds; readonly held: AccountHold[] } {
  const { accounts, held } = holdsOf(context);
  const named = held.filter(({ kind, account }) => kind === name || account === name);
  if (named.length === 0) throw new KernelError('NOT_FOUND', { what: 'held account', id: name });
  return { accounts, held: named };
}

const listHeld: CliCommand = {
  words: ['agent', 'held'],
  summary: 'Accounts of agents that a limit holds on this machine: kind, mark, until when, and why.',
  run(context) {
    for (const { kind, account, untilMs, reason } of holdsOf(context).held) {
      context.out.row(kind, account, untilMs === null ? NEVER : new Date(untilMs).toISOString(), reason);
    }
    return Promise.resolve(EXIT.ok);
  },
};

const resumeHeld: CliCommand = {
  words: ['agent', 'resume'],
  summary: 'Let agents of a held account start now. Without a reset they may meet the limit again.',
  operands: '<kind>',
  strict: true,
  exits: { 1: 'no account of the kind is held' },
  run(context) {
    const { accounts, held } = heldOf(context, positional(context.args, 0, context.usage));
    for (const { account } of held) accounts.release(account);
    context.out.line('resumed');
    return Promise.resolve(EXIT.ok);
  },
};

const pauseHeld: CliCommand = {
  words: ['agent', 'pause'],
  summary: 'Keep a held account from starting agents when its limit resets, until it is resumed.',
  operands: '<kind>',
  strict: true,
  exits: { 1: 'no account of the kind is held' },
  run(context) {
    const { accounts, held } = heldOf(context, positional(context.args, 0, context.usage));
    for (const hold of held) accounts.set({ ...hold, untilMs: null });
    context.out.line('paused');
    return Promise.resolve(EXIT.ok);
  },
};

export const HELD_AGENT_COMMANDS: readonly CliCommand[] = [listHeld, resumeHeld, pauseHeld];
