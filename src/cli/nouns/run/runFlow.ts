/** `ic run advance|skip|rollback|cancel`: commands that move runs (`docs/design/formats.md#advancing`). */
import { dispatchAround } from '../../../host/process/dispatchAround';
import { tierForPriority } from '../../../kernel/gate/service';
import { cancelRun } from '../../../kernel/run/cancel';
import { skipPhase } from '../../../kernel/run/skip';
import { activeDispatchesOf, planRollback, rollbackRun } from '../../../kernel/run/rollback';
import { advanceRun } from '../../../kernel/run/advance';
import { findRun, getRun, listRuns } from '../../../kernel/run/record/queries';
import { portfolioDatabaseOf } from '../../../kernel/portfolio/home';
import { listArtifacts } from '../../../kernel/tracking/service';
import { findDispatch } from '../../../kernel/dispatch/service';
import { UsageError } from '../../grammar/argv';
import type { Reader } from '../../../kernel/unit';
import { defined } from '../../../kernel/defined';
import type { CliCommand, CliContext, ExitCode } from '../../command/command';
import { EXIT } from '../../command/command';
import type { JsonValue } from '../../output/output';
import { struct } from '../../output/output';
import type { Session } from '../../command/session';
import { integerOf, positional, textOf } from '../../grammar/values';
import { announce } from '../../dispatching/hooks';

const advance: CliCommand = {
  words: ['run', 'advance'],
  summary: 'Advance a run to its next phase if the gate passes.',
  operands: '[<run>]',
  json: true,
  flags: [
    { name: 'priority', value: 'N', doc: 'Gate tier: 0 and 1 hard, 2 and 3 soft, 4 and above none (4)' },
    { name: 'disable-gates', doc: 'Do not evaluate the gate' },
    { name: 'skip-reason', value: 'TEXT', doc: 'Reason to advance a run whose auto_advance is off' },
  ],
  exits: { 1: 'blocked, paused, ended, or no such run', 2: 'another process changed the run, or the database failed' },
  async run(context) {
    const { args, out } = context;
    const id = context.runId();
    // Gates are always hard for a dispatched agent; a person, or a script of the original, may choose the tier.
    const usual = dispatchAround(context.env) === undefined ? 4 : 0;
    const priority = integerOf(args, 'priority', { wanted: 'integer' }) ?? usual;
    const skipReason = textOf(args, 'skip-reason');
    const tier = args.switches.has('disable-gates') ? 'none' : tierForPriority(priority);
    const session = await context.session();
    const outsideFacts = await session.outsideFacts(id, tier);
    const { outcome, run } = await session.write((unit) => ({
      outcome: advanceRun(unit, id, { tier, ...outsideFacts, ...defined({ skipReason }) }),
      run: getRun(unit, id),
    }));
    if (context.flags.json) {
      out.map({
        advanced: outcome.advanced,
        event_type: outcome.eventType,
        from_phase: outcome.fromPhase,
        gate_result: outcome.gateResult,
        gate_tier: outcome.gateTier,
        reason: outcome.reason,
        to_phase: outcome.toPhase,
      });
    } else if (outcome.advanced) out.line(`${outcome.fromPhase} → ${outcome.toPhase}`);
    else out.line(`${outcome.fromPhase} (blocked: ${outcome.eventType})`);
    await announce(context, run, {
      type: outcome.eventType,
      fromState: outcome.fromPhase,
      toState: outcome.toPhase,
      reason: outcome.reason,
    });
    const { autoSpawn } = await import('../../dispatching/autoSpawn.js');
    await autoSpawn(context, session, run, outcome);
    return outcome.advanced ? EXIT.ok : EXIT.negative;
  },
};

const skip: CliCommand = {
  words: ['run', 'skip'],
  summary: 'Mark a later phase as skipped.',
  operands: '<run> <phase>',
  json: true,
  flags: [
    { name: 'reason', value: 'TEXT', doc: 'Why', isRequired: true },
    { name: 'actor', value: 'NAME', doc: 'Who decided it' },
  ],
  exits: { 1: 'the phase cannot be skipped, or no such run' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const phase = positional(context.args, 1, context.usage);
    const reason = textOf(context.args, 'reason');
    if (reason === undefined) throw new UsageError('--reason is required');
    const actor = textOf(context.args, 'actor');
    const session = await context.session();
    await session.write((unit) => skipPhase(unit, id, { phase, reason, ...defined({ actor }) }));
    if (context.flags.json) context.out.map({ phase, status: 'skipped' });
    else context.out.line(`skipped: ${phase}`);
    return EXIT.ok;
  },
};

const rollback: CliCommand = {
  words: ['run', 'rollback'],
  summary: 'Move a run back to an earlier phase and end its agents, or report what a rollback of code would affect.',
  operands: '<run>',
  json: true,
  flags: [
    { name: 'to-phase', value: 'PHASE', doc: 'The earlier phase' },
    { name: 'reason', value: 'TEXT', doc: 'Why' },
    { name: 'dry-run', doc: 'Only show what would happen' },
    { name: 'layer', value: 'code', doc: 'Report artifacts and their dispatches instead' },
    { name: 'phase', value: 'PHASE', doc: 'With --layer: only this phase' },
    { name: 'format', value: 'json|text', doc: 'With --layer: output format (json)' },
  ],
  exits: { 1: 'no such run or phase', 2: 'the run is canceled, or another process changed it' },
  async run(context) {
    const { args, out } = context;
    const id = positional(args, 0, context.usage);
    if (textOf(args, 'layer') === 'code') return reportCode(context, id);
    const toPhase = textOf(args, 'to-phase');
    if (toPhase === undefined) throw new UsageError('--to-phase or --layer required');
    const reason = textOf(args, 'reason');
    const session = await context.session();
    if (args.switches.has('dry-run')) {
      const plan = session.read((reader) => planRollback(reader, id, toPhase));
      out.indentedMap({
        dry_run: true,
        from_phase: plan.fromPhase,
        rolled_back_phases: plan.rolledBackPhases,
        to_phase: plan.toPhase,
      });
      return EXIT.ok;
    }
    const { outcome, run } = await session.write((unit) => ({
      outcome: rollbackRun(unit, id, { toPhase, ...defined({ reason }) }),
      run: getRun(unit, id),
    }));
    out.indentedMap({
      cancelled_dispatches: outcome.cancelledDispatches.length,
      failed_agents: outcome.failedAgents,
      from_phase: outcome.fromPhase,
      marked_artifacts: outcome.markedArtifacts,
      reason: outcome.reason,
      rolled_back_phases: outcome.rolledBackPhases,
      to_phase: outcome.toPhase,
    });
    await announce(context, run, {
      type: 'rollback',
      fromState: outcome.fromPhase,
      toState: outcome.toPhase,
      reason: outcome.reason,
    });
    const { endAgents } = await import('../../dispatching/endAgents.js');
    await endAgents(context, session, outcome.cancelledDispatches, `run ${run.id} rolled back`);
    return EXIT.ok;
  },
};

/**
 * `--layer=code`: artifacts with the dispatches that made them. Changes nothing.
 */
async function reportCode(context: CliContext, id: string): Promise<0> {
  const { args, out } = context;
  const phase = textOf(args, 'phase');
  const session = await context.session();
  const rows = session.read((reader) => {
    const run = getRun(reader, id);
    return listArtifacts(reader, run.id, phase)
      .map((artifact) => ({
        artifact,
        dispatch: artifact.dispatchId === null ? undefined : findDispatch(reader, artifact.dispatchId),
      }))
      .sort((a, b) => (a.artifact.phase === b.artifact.phase ? 0 : a.artifact.phase < b.artifact.phase ? -1 : 1));
  });
  if (textOf(args, 'format') === 'text') {
    for (const { artifact, dispatch } of rows) {
      const hash = artifact.contentHash ?? '<none>';
      out.line(
        [
          artifact.phase.padEnd(20),
          (artifact.status ?? '').padEnd(12),
          (dispatch?.name ?? '<unknown>').padEnd(20),
          artifact.path.padEnd(40),
          hash.length > 12 ? `${hash.slice(0, 12)}...` : hash,
        ].join(' '),
      );
    }
    return EXIT.ok;
  }
  const list: JsonValue[] = rows.map(({ artifact, dispatch }) =>
    struct({
      dispatch_id: artifact.dispatchId,
      dispatch_name: dispatch?.name ?? null,
      phase: artifact.phase,
      path: artifact.path,
      content_hash: artifact.contentHash,
      type: artifact.type,
      status: artifact.status,
    }),
  );
  out.indentedMap(list.length === 0 ? null : list);
  return EXIT.ok;
}

const cancel: CliCommand = {
  words: ['run', 'cancel'],
  summary: 'Cancel a run, or a portfolio with its active children, and end their agents.',
  operands: '<run>',
  exits: { 1: 'it has already ended, or no such run' },
  async run(context) {
    const id = context.runId();
    const session = await context.session();
    const isSpread = session.read((reader) => isSpreadOver(reader, id));
    if (isSpread) return cancelSpread(context, session, id);
    const { outcome, portfolio, agents } = await session.write((unit) => {
      const run = getRun(unit, id);
      const outcome = cancelRun(unit, id);
      const agents = [outcome.runId, ...outcome.children].flatMap((ended) => activeDispatchesOf(unit, ended));
      return { outcome, portfolio: run.projectDir === '', agents };
    });
    context.out.line(portfolio ? `cancelled (portfolio + ${outcome.children.length} children)` : 'cancelled');
    if (context.flags.verbose) context.out.note(`cancelled ${outcome.runId}`);
    const { endAgents } = await import('../../dispatching/endAgents.js');
    await endAgents(context, session, agents, `run ${outcome.runId} cancelled`);
    return EXIT.ok;
  },
};

/** Whether a run is a portfolio with children in other databases. */
function isSpreadOver(reader: Reader, id: string): boolean {
  const run = findRun(reader, id);
  if (run?.projectDir !== '') return false;
  return listRuns(reader, { parentRunId: run.id }).runs.some((child) => portfolioDatabaseOf(child) !== undefined);
}

/** Cancels a portfolio whose children are in the databases of their projects, as the editor creates it. */
async function cancelSpread(context: CliContext, session: Session, id: string): Promise<ExitCode> {
  const { endAgents } = await import('../../dispatching/endAgents.js');
  const { cancelPortfolioRun } = await import('../../../services/portfolio/cancel.js');
  return session.withChildren(async (portfolio) => {
    const agents: (() => Promise<void>)[] = [];
    const { children } = await cancelPortfolioRun(portfolio, id, (kernel, ids) => {
      agents.push(() => endAgents(context, { kernel }, ids, `run ${id} cancelled`));
      return Promise.resolve();
    });
    const failed = children.filter(({ problem }) => problem !== undefined);
    context.out.line(`cancelled (portfolio + ${children.length - failed.length} children)`);
    for (const { run, problem } of failed) {
      context.out.message(`${context.name}: ${run.projectDir} is left as it is: ${problem?.message ?? ''}`);
    }
    if (context.flags.verbose) context.out.note(`cancelled ${id}`);
    for (const end of agents) await end();
    return failed.length === 0 ? EXIT.ok : EXIT.failure;
  });
}

export const RUN_FLOW_COMMANDS: readonly CliCommand[] = [advance, skip, rollback, cancel];
