/** `ic gate check|override|ask|rules` (`docs/design/formats.md#gates`). */
import type { GateConditionResult, ProjectBehind } from '../../../kernel/gate/model';
import { askOverride, checkGate, gateRules, storedCondition, tierForPriority } from '../../../kernel/gate/service';
import { overrideGate } from '../../../kernel/run/override';
import { defined } from '../../../kernel/defined';
import { UsageError } from '../../grammar/argv';
import type { CliCommand } from '../../command/command';
import { EXIT } from '../../command/command';
import { present, struct } from '../../output/output';
import { integerOf, textOf } from '../../grammar/values';

function conditionLine(condition: GateConditionResult): string {
  const count = condition.count === undefined ? '' : ` (count: ${condition.count})`;
  const detail = condition.detail === undefined ? '' : ` — ${condition.detail}`;
  return `  [${condition.result.toUpperCase()}] ${condition.check}${count}${detail}`;
}

/** The children that are behind. The detail has only their number, in the original's words. */
function behindLine({ project, phase, status, problem }: ProjectBehind): string {
  const ended = status === 'active' ? '' : ` (${status})`;
  return `    ${project} at ${phase}${ended}${problem === undefined ? '' : `: ${problem}`}`;
}

const check: CliCommand = {
  words: ['gate', 'check'],
  summary: 'Evaluate the gate of the next phase without advancing.',
  operands: '[<run>]',
  json: true,
  flags: [{ name: 'priority', value: 'N', doc: 'Gate tier: 0 and 1 hard, 2 and 3 soft, 4 and above none (3)' }],
  exits: { 1: 'the gate fails, the run has ended, or no such run' },
  async run(context) {
    const runId = context.runId();
    const tier = tierForPriority(integerOf(context.args, 'priority', { wanted: 'integer' }) ?? 3);
    const session = await context.session();
    const outsideFacts = await session.outsideFacts(runId, tier);
    const report = session.read((reader) => checkGate(reader, runId, { tier, ...outsideFacts }));
    if (context.flags.json) {
      context.out.map({
        from_phase: report.fromPhase,
        result: report.result,
        run_id: report.runId,
        tier: report.tier,
        to_phase: report.toPhase,
        ...(report.conditions.length === 0
          ? {}
          : { evidence: struct({ conditions: report.conditions.map(storedCondition) }) }),
      });
    } else {
      context.out.line(`${report.fromPhase} → ${report.toPhase}: ${report.result} (tier: ${report.tier})`);
      for (const condition of report.conditions) {
        context.out.line(conditionLine(condition));
        if (condition.check === 'children_at_phase')
          condition.behind?.forEach((child) => context.out.line(behindLine(child)));
      }
    }
    return report.result === 'fail' ? EXIT.negative : EXIT.ok;
  },
};

const override: CliCommand = {
  words: ['gate', 'override'],
  summary: 'Advance one phase past a failing gate. The reason is stored.',
  operands: '[<run>]',
  json: true,
  flags: [{ name: 'reason', value: 'TEXT', doc: 'Why', isRequired: true }],
  exits: { 1: 'the run has ended, or no such run', 2: 'another process changed the run' },
  async run(context) {
    const runId = context.runId();
    const reason = textOf(context.args, 'reason');
    if (reason === undefined) throw new UsageError('--reason is required');
    const session = await context.session();
    const outcome = await session.write((unit) => overrideGate(unit, runId, { reason }));
    if (context.flags.json) {
      context.out.map({ from_phase: outcome.fromPhase, reason: outcome.reason, to_phase: outcome.toPhase });
    } else context.out.line(`${outcome.fromPhase} → ${outcome.toPhase} (override: ${outcome.reason})`);
    return EXIT.ok;
  },
};

const ask: CliCommand = {
  words: ['gate', 'ask'],
  summary: 'Ask a person to override the gate of the next phase. ic needs lists the request.',
  strict: true,
  operands: '[<run>]',
  json: true,
  flags: [
    { name: 'reason', value: 'TEXT', doc: 'Why the run should pass', isRequired: true },
    { name: 'by', value: 'NAME', doc: 'Who asks (the calling dispatch)' },
  ],
  exits: { 1: 'the run has ended, or no such run' },
  async run(context) {
    const runId = context.runId();
    const reason = textOf(context.args, 'reason');
    if (reason === undefined) throw new UsageError('--reason is required');
    const actor = textOf(context.args, 'by') ?? context.env['INTERCORE_DISPATCH_ID'];
    const session = await context.session();
    const asked = await session.write((unit) => askOverride(unit, runId, { reason, ...defined({ actor }) }));
    if (context.flags.json) {
      const { phase, askedAt } = asked;
      context.out.map({ actor: asked.actor, asked_at: askedAt, phase, reason: asked.reason, run_id: asked.runId });
    } else context.out.line(`asked to leave ${asked.phase}: ${asked.reason}`);
    return EXIT.ok;
  },
};

const rules: CliCommand = {
  words: ['gate', 'rules'],
  summary: 'List the gate rules of the default chain.',
  json: true,
  flags: [{ name: 'phase', value: 'FROM', doc: 'Only the gate after this phase' }],
  run(context) {
    const transitions = gateRules(textOf(context.args, 'phase'));
    if (context.flags.json) {
      const list = transitions.map(({ fromPhase, toPhase, rules: checks }) => ({
        checks: checks.map((rule) => struct(present({ check: rule.check, phase: rule.phase }))),
        from: fromPhase,
        to: toPhase,
      }));
      context.out.map(list.length === 0 ? null : list);
    } else {
      for (const { fromPhase, toPhase, rules: checks } of transitions) {
        for (const rule of checks) {
          context.out.row(
            `${fromPhase} → ${toPhase}`,
            rule.phase === undefined ? rule.check : `${rule.check} (phase: ${rule.phase})`,
          );
        }
      }
    }
    return Promise.resolve(EXIT.ok);
  },
};

export const GATE_COMMANDS: readonly CliCommand[] = [check, override, ask, rules];
