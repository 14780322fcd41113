/** `ic agent held|resume|pause`: accounts of agents that a usage limit holds on this machine. */
import { AccountHolds } from '../../../host/state/accountHolds';
import { systemClock } from '../../../host/clock';
import { accountsFolder } from '../../../host/state/stateFolder';
import { heldNow, pauseAccounts, resumeAccounts } from '../../../services/dispatch/context/heldAccounts';
import type { CliCommand, CliContext } from '../../command/command';
import { EXIT } from '../../command/command';
import { positional } from '../../grammar/values';

const NEVER = 'until you resume it';

function accountsOf({ env }: Pick<CliContext, 'env'>): AccountHolds {
  return new AccountHolds(accountsFolder(env));
}

const listHeld: CliCommand = {
  words: ['agent', 'held'],
  byFolder: true,
  summary: 'List accounts of agents that a usage limit holds on this machine: kind, mark, end and reason.',
  strict: true,
  run(context) {
    for (const { kind, account, untilMs, reason } of heldNow(accountsOf(context), systemClock.nowMs())) {
      context.out.row(kind, account, untilMs === null ? NEVER : new Date(untilMs).toISOString(), reason);
    }
    return Promise.resolve(EXIT.ok);
  },
};

const resumeHeld: CliCommand = {
  words: ['agent', 'resume'],
  byFolder: true,
  summary: 'Allow agents of a held account to start now. They may reach the limit again.',
  operands: '<kind>',
  strict: true,
  exits: { 1: 'no account of this kind is held' },
  run(context) {
    resumeAccounts(accountsOf(context), positional(context.args, 0, context.usage), systemClock.nowMs());
    context.out.line('resumed');
    return Promise.resolve(EXIT.ok);
  },
};

const pauseHeld: CliCommand = {
  words: ['agent', 'pause'],
  byFolder: true,
  summary: 'Hold an account until it is resumed, even if its limit resets before.',
  operands: '<kind>',
  strict: true,
  exits: { 1: 'no account of this kind is held' },
  run(context) {
    pauseAccounts(accountsOf(context), positional(context.args, 0, context.usage), systemClock.nowMs());
    context.out.line('paused');
    return Promise.resolve(EXIT.ok);
  },
};

export const HELD_AGENT_COMMANDS: readonly CliCommand[] = [listHeld, resumeHeld, pauseHeld];
