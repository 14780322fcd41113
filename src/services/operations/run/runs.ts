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
import { defined } from '../../../kernel/defined';
import type { Implementation } from '../implementation';
import { readInSteps, readPage } from '../listPage';
import { activeInScope, endDispatches } from './processes';

export const runOperations: Implementation<'runs' | 'gates'> = {
  'runs.create': ({ kernel }, input) =>
    kernel.write((unit) => createRun(unit, { ...input, projectDir: kernel.folder })),
  'runs.list': async (host, { status, from, limit }) => {
    const { kernel } = host;
    const { parts, nextFrom } = await readPage(
      kernel,
      { from, limit },
      { keys: (r, page) => RUN_LIST.keys(r, { ...defined({ status }), page }), read: RUN_LIST.at },
    );
    return {
      runs: parts.flatMap(({ sound }) => sound),
      invalid: parts.flatMap(({ invalid }) => invalid),
      nextFrom,
    };
  },
  'runs.current': ({ kernel }) => kernel.read((reader) => currentRun(reader, kernel.folder) ?? null),
  'runs.get': ({ kernel }, where) => kernel.read((reader) => getRun(reader, where.runId)),
  'runs.advance': async (host, { skipReason, ...where }) => {
    const { kernel } = host;
    const tier = host.setting('intercore.gates.tier', kernel.folder);
    const outsideFacts = await host.links.outsideFacts(kernel, where.runId, tier);
    return await kernel.write((unit) =>
      advanceRun(unit, where.runId, { tier, ...outsideFacts, ...defined({ skipReason }) }),
    );
  },
  'runs.skip': (host, { phase, reason, ...where }) =>
    host.kernel.write((unit) => skipPhase(unit, where.runId, { phase, reason, actor: host.actor() })),
  'runs.planRollback': ({ kernel }, { toPhase, ...where }) =>
    kernel.read((reader) => planRollback(reader, where.runId, toPhase)),
  'runs.rollback': async (host, { toPhase, reason, ...where }) => {
    const { kernel } = host;
    const outcome = await kernel.write((unit) => rollbackRun(unit, where.runId, { toPhase, ...defined({ reason }) }));
    await endDispatches(host, kernel, outcome.cancelledDispatches, 'run rolled back');
    return outcome;
  },
  'runs.cancel': async (host, where) => {
    const { kernel } = host;
    const outcome = await kernel.write((unit) => cancelRun(unit, where.runId));
    await endDispatches(host, kernel, activeInScope(kernel, where.runId), 'run cancelled');
    return outcome;
  },
  'runs.set': ({ kernel }, { runId, ...changes }) => kernel.write((unit) => setRun(unit, runId, changes)),
  'runs.events': async (host, where) => {
    const { kernel } = host;
    return await readInSteps(
      kernel,
      (reader) => phaseEventIds(reader, getRun(reader, where.runId).id),
      phaseEventsAmong,
    );
  },
  'runs.budget': ({ kernel }, where) => kernel.read((reader) => budgetStatus(reader, where.runId) ?? null),
  'gates.check': async (host, where) => {
    const { kernel } = host;
    const tier = host.setting('intercore.gates.tier', kernel.folder);
    const outsideFacts = await host.links.outsideFacts(kernel, where.runId, tier);
    return kernel.read((reader) => checkGate(reader, where.runId, { tier, applySkips: true, ...outsideFacts }));
  },
  'gates.override': (host, { reason, ...where }) =>
    host.kernel.write((unit) => overrideGate(unit, where.runId, { reason, actor: host.actor() })),
  'gates.askOverride': (host, { reason, ...where }) =>
    host.kernel.write((unit) => askOverride(unit, where.runId, { reason, actor: host.actor() })),
  'gates.rules': (_host, { fromPhase }) => Promise.resolve(gateRules(fromPhase)),
};
