/** What readable reports are made of: headings, sections, lines in columns, and the conditions of a gate. */
import { shownReason } from '../../kernel/errors/shownReason';
import type { GateConditionResult, GateReport } from '../../kernel/gate/model';
import type { PhaseEvent } from '../../kernel/run/record/model';
import { foundFacts } from '../projections/run/phaseRows';
import type { ViewContext } from '../projections/viewContext';

/** The result of a gate, its run and tier, and each of its conditions. */
export function gateLines(context: ViewContext, goal: string, gate: GateReport): string[] {
  const { l10n } = context;
  return [
    ...heading(l10n.t('Gate from {0} to {1}: {2}', gate.fromPhase, gate.toPhase, verdict(context, gate.result))),
    ...aligned([
      [l10n.t('Run'), gate.runId],
      [l10n.t('Goal'), goal.trim()],
      [l10n.t('Tier'), tierWords(context, gate.tier)],
    ]),
    '',
    ...conditionLines(context, gate.conditions, true),
  ];
}

/** Each condition with its result and, if it can still be satisfied, how. */
export function conditionLines(
  context: ViewContext,
  conditions: readonly GateConditionResult[],
  isOpen: boolean,
): string[] {
  const { l10n, words } = context;
  if (conditions.length === 0) return [l10n.t('No conditions were required.')];
  return conditions.flatMap((condition) => {
    const mark = condition.result === 'pass' ? l10n.t('PASS') : l10n.t('FAIL');
    const facts: Line[] = [...foundFacts(context, condition)];
    if (isOpen && condition.result === 'fail') facts.push([l10n.t('To do'), words.remedy(condition)]);
    return [`[${mark}] ${words.condition(condition)}`, ...aligned(facts).map((line) => `       ${line}`), ''];
  });
}

export function verdict({ l10n }: ViewContext, result: string): string {
  switch (result) {
    case 'pass':
      return l10n.t('open');
    case 'fail':
      return l10n.t('not satisfied');
    case 'none':
      return l10n.t('not evaluated');
    default:
      // Another program's word, shown as it is.
      return result;
  }
}

export function tierWords({ l10n }: ViewContext, tier: string): string {
  switch (tier) {
    case 'hard':
      return l10n.t('hard: a failed condition blocks the run');
    case 'soft':
      return l10n.t('soft: a failed condition is recorded, and the run can advance');
    case 'none':
      return l10n.t('none: conditions are not evaluated');
    default:
      return tier;
  }
}

/** The words of an event's reason before its evidence, or all of them. */
export function statedReason({ l10n }: ViewContext, { reason }: PhaseEvent, hasEvidence: boolean): Line[] {
  const words = hasEvidence ? reason?.slice(0, reason.lastIndexOf('{"conditions":[')).replace(/ \| $/, '') : reason;
  return words === null || words === undefined || words === '' ? [] : [[l10n.t('Reason'), shownReason(l10n, words)]];
}

export type Line = readonly [name: string, value: string];

export function heading(text: string): string[] {
  const first = text.split('\n', 1)[0] ?? '';
  return [text, '='.repeat(Math.min(80, Math.max(3, first.length))), ''];
}

export function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, '-'.repeat(title.length), ...lines];
}

/** Names and values in two columns; further lines of a value stand below it. */
export function aligned(lines: readonly Line[]): string[] {
  const width = Math.max(0, ...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${value.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`);
}
