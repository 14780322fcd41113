/** Operations on runs and their gates. */
import { budgetStatus } from '../../../kernel/budget/service';
import { askOverride, checkGate, gateRules } from '../../../kernel/gate/service';
import { cancelRun } from '../../../kernel/run/cancel';
import { skipPhase } from '../../../kernel/run/skip';
import { planRollback, rollbackRun } from '../../../kernel/run/rollback';
import { advanceRun } from '../../../kernel/run/advance';
import { overrideGate } from '../../../kernel/run/override';
import { createRun, setRun } from '../../../kernel/run/record/runs';
import { currentRun, getRun, phaseEventIds, phaseEventsAmong } from '../../../kernel/run/record/queries';
import { RUN_LIST } from '../../../kernel/run/record/longList';
import { kernelOf, readIn, requireTrust, writeIn } from '../host';
import type { Implementation } from '../implementation';
import { readInSteps, readPage } from '../listPage';
import { activeInScope, endDispatches } from './processes';

export const runOperations: Implementation<'runs' | 'gates'> = {
  'runs.create': (host, { folder, ...input }) =>
    writeIn(host, { folder }, 'create runs', (unit, kernel) =>
      createRun(unit, { ...input, projectDir: kernel.folder }),
    ),
  'runs.list': async (host, { folder, status, from, limit }) => {
    const kernel = await kernelOf(host, { folder }, 'list runs');
    const { parts, nextFrom } = await readPage(
      kernel,
      { from, limit },
      { keys: (r, page) => RUN_LIST.keys(r, { ...(status === undefined ? {} : { status }), page }), read: RUN_LIST.at },
    );
    return {
      runs: parts.flatMap(({ sound }) => sound),
      invalid: parts.flatMap(({ invalid }) => invalid),
      nextFrom,
    };
  },
  'runs.current': (host, { folder }) =>
    readIn(host, { folder }, 'look for runs', (reader, kernel) => currentRun(reader, kernel.folder) ?? null),
  'runs.get': (host, where) => readIn(host, where, 'look at runs', (reader) => getRun(reader, where.runId)),
  'runs.advance': async (host, { skipReason, ...where }) => {
    requireTrust(host, 'advance runs');
    const kernel = await kernelOf(host, where, 'advance runs');
    const tier = host.setting('intercore.gates.tier', kernel.folder);
    const surroundings = await host.links.surroundings(kernel, where.runId, tier);
    return await kernel.write((unit) =>
      advanceRun(unit, where.runId, { tier, ...surroundings, ...(skipReason === undefined ? {} : { skipReason }) }),
    );
  },
  'runs.skip': (host, { phase, reason, ...where }) =>
    writeIn(host, where, 'skip phases', (unit) => skipPhase(unit, where.runId, { phase, reason, actor: host.actor() })),
  'runs.planRollback': (host, { toPhase, ...where }) =>
    readIn(host, where, 'plan rollbacks', (reader) => planRollback(reader, where.runId, toPhase)),
  'runs.rollback': async (host, { toPhase, reason, ...where }) => {
    requireTrust(host, 'roll runs back');
    const kernel = await kernelOf(host, where, 'roll runs back');
    const outcome = await kernel.write((unit) =>
      rollbackRun(unit, where.runId, { toPhase, ...(reason === undefined ? {} : { reason }) }),
    );
    await endDispatches(host, kernel, outcome.cancelledDispatches, 'run rolled back');
    return outcome;
  },
  'runs.cancel': async (host, where) => {
    requireTrust(host, 'cancel runs');
    const kernel = await kernelOf(host, where, 'cancel runs');
    const outcome = await kernel.write((unit) => cancelRun(unit, where.runId));
    await endDispatches(host, kernel, activeInScope(kernel, where.runId), 'run cancelled');
    return outcome;
  },
  'runs.set': (host, { folder, runId, ...changes }) =>
    writeIn(host, { folder, runId }, 'change runs', (unit) => setRun(unit, runId, changes)),
  'runs.events': async (host, where) => {
    const kernel = await kernelOf(host, where, 'look at events');
    return await readInSteps(
      kernel,
      (reader) => phaseEventIds(reader, getRun(reader, where.runId).id),
      phaseEventsAmong,
    );
  },
  'runs.budget': (host, where) =>
    readIn(host, where, 'look at budgets', (reader) => budgetStatus(reader, where.runId) ?? null),
  'gates.check': async (host, where) => {
    const kernel = await kernelOf(host, where, 'check gates');
    const tier = host.setting('intercore.gates.tier', kernel.folder);
    const surroundings = await host.links.surroundings(kernel, where.runId, tier);
    return kernel.read((reader) => checkGate(reader, where.runId, { tier, applySkips: true, ...surroundings }));
  },
  'gates.override': (host, { reason, ...where }) =>
    writeIn(host, where, 'override gates', (unit) => overrideGate(unit, where.runId, { reason, actor: host.actor() })),
  'gates.askOverride': (host, { reason, ...where }) =>
    writeIn(host, where, 'ask for overrides', (unit) =>
      askOverride(unit, where.runId, { reason, actor: host.actor() }),
    ),
  'gates.rules': (_host, { fromPhase }) => Promise.resolve(gateRules(fromPhase)),
};
