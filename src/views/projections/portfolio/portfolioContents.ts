/** What stands below a portfolio beside its children. */
import { contextValue } from '../../../contract/views';
import { KernelError } from '../../../kernel/errors/errors';
import type { ProjectBehind } from '../../../kernel/gate/model';
import { countPhaseEvents } from '../../../kernel/run/record/queries';
import type { PortfolioSnapshot } from '../../../services/portfolio/home/model';
import { rowRef, type Opens, type Row } from '../../rows/row';
import { isBlocked } from '../record/folderRecord';
import { groupRow, page } from '../pages';
import { gateWords } from '../run/phaseRows';
import type { PortfolioRecord } from '../record/portfolioRecord';
import { relayRow } from './portfolioRelay';
import type { ProjectNames } from './portfolioWords';
import type { ViewContext } from '../viewContext';
import { CONDITION_ICONS } from '../words';

/** The headings below the children; only those with something under them, and the relay of an active portfolio. */
export function portfolioGroups(context: ViewContext, record: PortfolioRecord, snapshot: PortfolioSnapshot): Row[] {
  const { l10n, formats } = context;
  const { run, edges } = snapshot;
  const of = { portfolioId: run.id };
  const isActive = run.status === 'active';
  const events = record.readHome((r) => countPhaseEvents(r, run.id));
  const gate = isActive ? record.gate(snapshot) : undefined;
  const lock = { id: gate !== undefined && isBlocked(gate) ? 'lock' : 'unlock' };
  return [
    ...(gate === undefined ? [] : [groupRow({ group: 'gate', ...of }, l10n.t('Gate'), gateWords(context, gate), lock)]),
    ...(edges.length === 0
      ? []
      : [
          groupRow({ group: 'dependencies', ...of }, l10n.t('Dependencies'), formats.count(edges.length), {
            id: 'type-hierarchy-sub',
          }),
        ]),
    ...(events === 0
      ? []
      : [groupRow({ group: 'portfolioEvents', ...of }, l10n.t('Events'), formats.count(events), { id: 'history' })]),
    ...(isActive ? [relayRow(context, record, snapshot)] : []),
  ];
}

/** The conditions of the gate that an active portfolio stands before. */
export function gateConditionRows(context: ViewContext, record: PortfolioRecord, snapshot: PortfolioSnapshot): Row[] {
  const gate = snapshot.run.status === 'active' ? record.gate(snapshot) : undefined;
  if (gate === undefined || gate instanceof KernelError) return [];
  return gate.conditions.map((condition, index) => {
    const label = context.words.condition(condition);
    const description = condition.result === 'pass' ? context.l10n.t('passes') : context.words.missing(condition.check);
    return {
      ref: rowRef({ kind: 'portfolioCondition', portfolioId: snapshot.run.id, index }),
      label,
      description,
      icon: CONDITION_ICONS[condition.result],
      contextValue: contextValue('portfolioCondition', [condition.result]),
      spoken: context.l10n.t('Gate condition {0}, {1}', label, description),
      expands: (condition.behind?.length ?? 0) > 0 ? ('expanded' as const) : ('no' as const),
      opens: gateReport(snapshot),
    };
  });
}

/** The children that fail one condition, and by what; from place `from` on. */
export function behindRows(
  context: ViewContext,
  record: PortfolioRecord,
  snapshot: PortfolioSnapshot,
  index: number,
  names: ProjectNames,
  from = 0,
): Row[] {
  const gate = record.gate(snapshot);
  const behind = gate instanceof KernelError ? [] : (gate.conditions[index]?.behind ?? []);
  const { id } = snapshot.run;
  const of = { group: 'behind', portfolioId: id, index } as const;
  return page(context, behind, from, (one) => [behindRow(context, names, id, index, one)], of);
}

function behindRow(
  context: ViewContext,
  names: ProjectNames,
  portfolioId: string,
  index: number,
  one: ProjectBehind,
): Row {
  const { l10n, words } = context;
  const { phase, status, problem } = one;
  const label = names(one.project);
  const at = status === 'active' ? l10n.t('at {0}', phase) : l10n.t('{0} in {1}', words.run(status), phase);
  const description = problem === undefined ? at : l10n.t('cannot be read: {0}', problem);
  return {
    ref: rowRef({ kind: 'behind', portfolioId, index, projectDir: one.project }),
    label,
    description,
    icon: { id: problem === undefined ? 'debug-pause' : 'warning' },
    contextValue: contextValue('behind', []),
    spoken: l10n.t('{0} is behind, {1}', label, description),
    expands: 'no',
  };
}

function gateReport({ run }: PortfolioSnapshot): Opens {
  return { what: 'document', target: { kind: 'portfolioGate', portfolioId: run.id } };
}
