/** The phases of a run in order, and the gate before the next one. */
import { contextValue, type RowFlag } from '../../../contract/views';
import { KernelError } from '../../../kernel/errors/errors';
import { shownReason } from '../../../kernel/errors/shownReason';
import type { GateConditionResult, ProjectBehind } from '../../../kernel/gate/model';
import type { Run } from '../../../kernel/run/record/model';
import { rowRef, type Opens, type Row, type Tooltip } from '../../rows/row';
import type { FolderRecord, GateView } from '../record/folderRecord';
import { explain } from '../folderRow';
import { phaseStates, type PhaseFacts, type PhaseState } from '../record/phaseStates';
import type { ViewContext } from '../viewContext';
import { CONDITION_ICONS, PHASE_ICONS } from '../words';

export function phaseRows(context: ViewContext, record: FolderRecord, run: Run): Row[] {
  return phaseStates(record, run).map((facts) => phaseRow(context, record, run, facts));
}

/** The conditions of the gate that an active run stands before. */
export function conditionRows(context: ViewContext, record: FolderRecord, run: Run): Row[] {
  const gate = run.status === 'active' ? record.gate(run) : undefined;
  if (gate === undefined || gate instanceof KernelError) return [];
  return gate.conditions.map((condition, index) => {
    const label = context.words.condition(condition);
    const description = condition.result === 'pass' ? context.l10n.t('passes') : context.words.missing(condition.check);
    return {
      ref: rowRef({ kind: 'condition', folder: record.folder, runId: run.id, phase: run.phase, index }),
      label,
      description,
      icon: CONDITION_ICONS[condition.result],
      contextValue: contextValue('condition', [condition.result]),
      spoken: context.l10n.t('Gate condition {0}, {1}', label, description),
      expands: 'no' as const,
      opens: gateReport(record, run),
    };
  });
}

export function conditionTooltip(
  context: ViewContext,
  record: FolderRecord,
  run: Run,
  index: number,
): Tooltip | undefined {
  return gateConditionTooltip(context, record.gate(run), index);
}

/** What a condition of any gate checked, and what would satisfy it. */
export function gateConditionTooltip(context: ViewContext, gate: GateView, index: number): Tooltip | undefined {
  const condition = gate instanceof KernelError ? undefined : gate.conditions[index];
  if (condition === undefined) return undefined;
  return {
    title: context.words.condition(condition),
    facts: foundFacts(context, condition),
    text: advice(context, condition),
  };
}

/** What a condition checked, by name: each project that is behind, else its own detail. */
export function foundFacts(context: ViewContext, { count, detail, behind }: GateConditionResult): [string, string][] {
  const { l10n, formats } = context;
  if (behind !== undefined && behind.length > 0) return behind.map((one) => behindFact(context, one));
  const facts: [string, string][] = [];
  if (count !== undefined) facts.push([l10n.t('Counted'), formats.count(count)]);
  if (detail !== undefined) facts.push([l10n.t('Found'), shownReason(l10n, detail)]);
  return facts;
}

function behindFact({ l10n, nameOf }: ViewContext, { project, phase, problem }: ProjectBehind): [string, string] {
  const where =
    problem === undefined ? l10n.t('in {0}', phase) : l10n.t('cannot be read: {0}', shownReason(l10n, problem));
  return [l10n.t('Behind'), `${nameOf(project)} – ${where}`];
}

function phaseRow(context: ViewContext, record: FolderRecord, run: Run, { phase, state, artifacts }: PhaseFacts): Row {
  const here = state === 'current' || state === 'blocked';
  const description = here ? gateWords(context, record.gate(run)) : context.words.phase(state);
  const conditions = here ? conditionRows(context, record, run).length : 0;
  return {
    ref: rowRef({ kind: 'phase', folder: record.folder, runId: run.id, phase }),
    label: phase,
    description,
    icon: PHASE_ICONS[state],
    contextValue: contextValue('phase', flagsOf(record, run, phase, state)),
    spoken: context.l10n.t(
      'Phase {0}, {1}',
      phase,
      here ? `${context.words.phase(state)}, ${description}` : description,
    ),
    expands: artifacts + conditions > 0 ? (here ? 'expanded' : 'collapsed') : 'no',
    ...(here ? { opens: gateReport(record, run) } : {}),
  };
}

function flagsOf(record: FolderRecord, run: Run, phase: string, state: PhaseState): RowFlag<'phase'>[] {
  const flags: RowFlag<'phase'>[] = [];
  if (state === 'blocked') flags.push('current', 'blocked');
  else if (state !== 'stopped') flags.push(state);
  if (phase === run.phases.at(-1)) flags.push('terminal');
  if (run.status === 'active') flags.push('runActive');
  if (record.isWritable) flags.push('writable');
  return flags;
}

/** Whether the gate passes, and how many conditions are missing. */
export function gateWords({ l10n }: ViewContext, gate: GateView): string {
  if (gate instanceof KernelError) return explain(l10n, gate);
  const failing = gate.conditions.filter((condition) => condition.result === 'fail').length;
  if (failing === 0) return l10n.t('gate to {0} open', gate.toPhase);
  const all = gate.conditions.length;
  return gate.tier === 'hard'
    ? l10n.t('gate to {0} blocked, {1} of {2} missing', gate.toPhase, failing, all)
    : l10n.t('gate to {0} warns, {1} of {2} missing', gate.toPhase, failing, all);
}

function advice({ l10n, words }: ViewContext, condition: GateConditionResult): string {
  return condition.result === 'pass' ? l10n.t('Nothing is missing.') : words.remedy(condition);
}

function gateReport(record: FolderRecord, run: Run): Opens {
  return { what: 'document', target: { kind: 'gate', folder: record.folder, runId: run.id } };
}
