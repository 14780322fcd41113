/** The phases of a run in order, and the gate before the next one. */
import { contextValue, type RowFlag } from '../../../contract/views';
import { KernelError } from '../../../kernel/errors/errors';
import type { GateConditionResult, ProjectBehind } from '../../../kernel/gate/model';
import type { Run } from '../../../kernel/run/record/model';
import { rowRef, type Opens, type Row, type Tooltip } from '../../trees/row';
import type { FolderRecord, GateView } from '../folderRecord';
import { explain } from '../folderRow';
import { phaseStandings, type PhaseFacts, type PhaseStanding } from './phaseStandings';
import type { Scene } from '../scene';
import { CONDITION_ICONS, PHASE_ICONS } from '../words';

export function phaseRows(scene: Scene, record: FolderRecord, run: Run): Row[] {
  return phaseStandings(record, run).map((facts) => phaseRow(scene, record, run, facts));
}

/** The conditions of the gate that an active run stands before. */
export function conditionRows(scene: Scene, record: FolderRecord, run: Run): Row[] {
  const gate = run.status === 'active' ? record.gate(run) : undefined;
  if (gate === undefined || gate instanceof KernelError) return [];
  return gate.conditions.map((condition, index) => {
    const label = scene.words.condition(condition);
    const description = condition.result === 'pass' ? scene.l10n.t('passes') : scene.words.missing(condition.check);
    return {
      ref: rowRef({ kind: 'condition', folder: record.folder, runId: run.id, phase: run.phase, index }),
      label,
      description,
      icon: CONDITION_ICONS[condition.result],
      contextValue: contextValue('condition', [condition.result]),
      spoken: scene.l10n.t('Gate condition {0}, {1}', label, description),
      expands: 'no' as const,
      opens: gateReport(record, run),
    };
  });
}

export function conditionTooltip(scene: Scene, record: FolderRecord, run: Run, index: number): Tooltip | undefined {
  return gateConditionTooltip(scene, record.gate(run), index);
}

/** What a condition of any gate looked at, and what would satisfy it. */
export function gateConditionTooltip(scene: Scene, gate: GateView, index: number): Tooltip | undefined {
  const condition = gate instanceof KernelError ? undefined : gate.conditions[index];
  if (condition === undefined) return undefined;
  return {
    title: scene.words.condition(condition),
    facts: foundFacts(scene, condition),
    text: advice(scene, condition),
  };
}

/** What a condition looked at, by name: each project that is behind, else what it says itself. */
export function foundFacts(scene: Scene, { count, detail, behind }: GateConditionResult): [string, string][] {
  const { l10n, formats } = scene;
  if (behind !== undefined && behind.length > 0) return behind.map((one) => behindFact(scene, one));
  const facts: [string, string][] = [];
  if (count !== undefined) facts.push([l10n.t('Counted'), formats.count(count)]);
  if (detail !== undefined) facts.push([l10n.t('Found'), detail]);
  return facts;
}

function behindFact({ l10n, nameOf }: Scene, { project, phase, problem }: ProjectBehind): [string, string] {
  const where = problem === undefined ? l10n.t('in {0}', phase) : l10n.t('cannot be read: {0}', problem);
  return [l10n.t('Behind'), `${nameOf(project)} – ${where}`];
}

function phaseRow(scene: Scene, record: FolderRecord, run: Run, { phase, standing, artifacts }: PhaseFacts): Row {
  const here = standing === 'current' || standing === 'blocked';
  const description = here ? gateWords(scene, record.gate(run)) : scene.words.phase(standing);
  const conditions = here ? conditionRows(scene, record, run).length : 0;
  return {
    ref: rowRef({ kind: 'phase', folder: record.folder, runId: run.id, phase }),
    label: phase,
    description,
    icon: PHASE_ICONS[standing],
    contextValue: contextValue('phase', flagsOf(record, run, phase, standing)),
    spoken: scene.l10n.t(
      'Phase {0}, {1}',
      phase,
      here ? `${scene.words.phase(standing)}, ${description}` : description,
    ),
    expands: artifacts + conditions > 0 ? (here ? 'expanded' : 'collapsed') : 'no',
    ...(here ? { opens: gateReport(record, run) } : {}),
  };
}

function flagsOf(record: FolderRecord, run: Run, phase: string, standing: PhaseStanding): RowFlag<'phase'>[] {
  const flags: RowFlag<'phase'>[] = [];
  if (standing === 'blocked') flags.push('current', 'blocked');
  else if (standing !== 'stopped') flags.push(standing);
  if (phase === run.phases.at(-1)) flags.push('terminal');
  if (run.status === 'active') flags.push('runActive');
  if (record.isWritable) flags.push('writable');
  return flags;
}

/** Whether the gate lets pass, and how much is missing. */
export function gateWords({ l10n }: Scene, gate: GateView): string {
  if (gate instanceof KernelError) return explain(l10n, gate);
  const failing = gate.conditions.filter((condition) => condition.result === 'fail').length;
  if (failing === 0) return l10n.t('gate to {0} open', gate.toPhase);
  const all = gate.conditions.length;
  return gate.tier === 'hard'
    ? l10n.t('gate to {0} blocked, {1} of {2} missing', gate.toPhase, failing, all)
    : l10n.t('gate to {0} warns, {1} of {2} missing', gate.toPhase, failing, all);
}

function advice({ l10n, words }: Scene, condition: GateConditionResult): string {
  return condition.result === 'pass' ? l10n.t('Nothing is missing.') : words.remedy(condition);
}

function gateReport(record: FolderRecord, run: Run): Opens {
  return { what: 'document', target: { kind: 'gate', folder: record.folder, runId: run.id } };
}
