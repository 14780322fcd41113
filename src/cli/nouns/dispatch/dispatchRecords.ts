/**
 * `ic dispatch status|list|tokens|prune`: the records of agents' processes
 * (`docs/design/agents.md#commands-on-dispatches`).
 */
import { checkBudget } from '../../../kernel/budget/service';
import type { BudgetCheck } from '../../../kernel/budget/model';
import type { DispatchTokens } from '../../../kernel/dispatch/model';
import { DISPATCH_LIST } from '../../../kernel/dispatch/longList';
import { dispatchIds, getDispatch, pruneDispatches, setTokens } from '../../../kernel/dispatch/service';
import { defined } from '../../../kernel/defined';
import { findDispatchFiles } from '../../../host/launcher/dispatchFiles';
import { knownStorages } from '../../../host/state/storages';
import { alteredFiles } from '../../../services/dispatch/start/alteredFiles';
import { removeFilesOf } from '../../../services/dispatch/start/ownedFiles';
import { UsageError } from '../../grammar/argv';
import type { CliCommand, CliContext } from '../../command/command';
import { LEFT_OUT } from '../../output/leftOut';
import { printList } from '../../command/longList';
import { EXIT } from '../../command/command';
import { dispatchMap, printDispatch } from '../../dispatching/print';
import { durationOf, integerOf, positional, textOf } from '../../grammar/values';

const status: CliCommand = {
  words: ['dispatch', 'status'],
  summary: 'Show a dispatch as it was last recorded, and which of its files were altered since.',
  operands: '<dispatch>',
  json: true,
  exits: { 1: 'no such dispatch' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const session = await context.session();
    const dispatch = session.read((reader) => getDispatch(reader, id));
    printDispatch(context, dispatch, await alteredFiles(await knownStorages(context.env), dispatch));
    return EXIT.ok;
  },
};

const list: CliCommand = {
  words: ['dispatch', 'list'],
  summary: 'List dispatches, newest first.',
  json: true,
  flags: [
    { name: 'active', doc: 'Only dispatches that have not ended; ignores --scope' },
    { name: 'scope', value: 'SCOPE', doc: 'Only dispatches of this scope', mayBeEmpty: true },
  ],
  exits: LEFT_OUT,
  async run(context) {
    const active = context.args.switches.has('active');
    const scopeId = active ? undefined : textOf(context.args, 'scope');
    const filter = { ...(active ? { active } : {}), ...defined({ scopeId }) };
    const exit = await printList(context, {
      keys: (reader) => DISPATCH_LIST.keys(reader, filter),
      read: (reader, keys) => DISPATCH_LIST.at(reader, keys).sound,
      json: (dispatch) => dispatchMap(dispatch),
      fields: ({ id, status, agentType, name }) => [id, status, agentType, name],
    });
    await noteSessions(context, scopeId);
    return exit;
  },
};

/** Says on stderr which of the listed agents wait or are paused: the list itself is the original's, byte for byte. */
async function noteSessions(context: CliContext, scopeId: string | undefined): Promise<void> {
  const { env, out } = context;
  const { kernel } = await context.session();
  const active = kernel.read((r) => DISPATCH_LIST.at(r, DISPATCH_LIST.keys(r, { active: true })).sound);
  const listed = active.filter((dispatch) => scopeId === undefined || dispatch.scopeId === scopeId);
  if (listed.length === 0) return;
  const { observeSession } = await import('../../../services/attention/sessions/observedSession.js');
  const storages = await knownStorages(env);
  for (const dispatch of listed) {
    const { id } = dispatch;
    const observed = await observeSession(await findDispatchFiles(storages, id), dispatch);
    if (observed === undefined) continue;
    if (observed.requests.length > 0) out.note(`${id} waits for a person: ic needs`);
    if (observed.pause === 'paused') out.note(`${id} is paused: ic dispatch resume ${id}`);
    if (observed.pause === 'wanted') out.note(`${id} pauses at the end of its turn: ic dispatch resume ${id}`);
  }
}

const tokens: CliCommand = {
  words: ['dispatch', 'tokens'],
  summary: 'Set the token counts of a dispatch, and check the budget of its run.',
  operands: '<dispatch>',
  json: true,
  flags: [
    { name: 'in', value: 'N', doc: 'Input tokens in total' },
    { name: 'out', value: 'N', doc: 'Output tokens in total' },
    { name: 'cache', value: 'N', doc: 'Cache hits in total' },
  ],
  exits: { 1: 'no such dispatch' },
  async run(context) {
    const { args, flags, out } = context;
    const id = positional(args, 0, context.usage);
    const count = (name: string): number | undefined =>
      integerOf(args, name, { min: 0, wanted: 'non-negative integer' });
    const counts: DispatchTokens = Object.fromEntries(
      Object.entries({ inputTokens: count('in'), outputTokens: count('out'), cacheHits: count('cache') }).filter(
        ([, value]) => value !== undefined,
      ),
    );
    if (Object.keys(counts).length === 0) throw new UsageError('at least one of --in, --out, --cache is required');
    const session = await context.session();
    const check = await session.write((unit) => {
      const { scopeId } = setTokens(unit, id, counts);
      return scopeId === null ? undefined : checkBudget(unit, scopeId);
    });
    const warning = check === undefined ? undefined : budgetWarning(check);
    if (warning !== undefined) out.note(warning);
    if (flags.json) out.map({ status: 'updated' });
    else out.line('updated');
    return EXIT.ok;
  },
};

function budgetWarning({ used, budget, warnPct, firstExceeded, firstWarning }: BudgetCheck): string | undefined {
  if (firstExceeded) return `[budget] EXCEEDED: ${used}/${budget} tokens`;
  return firstWarning ? `[budget] WARNING: ${used}/${budget} tokens (${warnPct}% threshold)` : undefined;
}

const prune: CliCommand = {
  words: ['dispatch', 'prune'],
  summary: 'Delete old dispatches that have ended, with their prompts and logs. Their events are kept.',
  flags: [
    { name: 'older-than', value: 'DURATION', doc: 'Age from which they are deleted', isRequired: true, spaced: true },
  ],
  async run(context) {
    const ageMs = durationOf(context.args, 'older-than');
    if (ageMs === undefined) throw new UsageError('--older-than is required');
    const session = await context.session();
    const seconds = Math.max(0, Math.floor(ageMs / 1000));
    const { count, ids } = await session.write((unit) => {
      const before = dispatchIds(unit);
      const pruned = pruneDispatches(unit, seconds);
      const left = new Set(dispatchIds(unit));
      return { count: pruned, ids: before.filter((id) => !left.has(id)) };
    });
    const storages = await knownStorages(context.env);
    for (const { id, problem } of await removeFilesOf(session.kernel.path, storages, ids)) {
      context.out.message(`dispatch prune: files of ${id} not deleted: ${problem}`);
    }
    context.out.line(`${count} pruned`);
    return EXIT.ok;
  },
};

export const DISPATCH_RECORD_COMMANDS: readonly CliCommand[] = [status, list, tokens, prune];
