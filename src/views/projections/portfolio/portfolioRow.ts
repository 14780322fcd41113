/** A portfolio as a row: its goal, where it stands, and what holds it back. */
import { inWords } from '../../../kernel/errors/reasons/fill';
import { contextValue, type RowFlag } from '../../../contract/views';
import type { InvalidRow } from '../../../kernel/db/rows';
import type { PortfolioSnapshot } from '../../../services/portfolio/home/model';
import { headline } from '../../rows/format';
import { rowRef, type Row, type RowRef, type Tooltip } from '../../rows/row';
import { budgetFacts, gaugeWords } from '../budgetWords';
import { isBlocked } from '../record/folderRecord';
import type { PortfolioRecord } from '../record/portfolioRecord';
import { blockWords, projectNames, thereCount } from './portfolioWords';
import type { ViewContext } from '../viewContext';
import { RUN_ICONS, dispatchWords, joined } from '../words';

/** A stored portfolio, or the warning that it cannot be read. */
export function storedPortfolioRow(context: ViewContext, record: PortfolioRecord, portfolioId: string): Row[] {
  const reading = record.read(portfolioId);
  if (reading === undefined) return [];
  if ('invalid' in reading) return [invalidPortfolioRow(context, portfolioId, reading.invalid)];
  return [portfolioRow(context, record, reading.sound)];
}

/** `invalid` may be of the portfolio itself or of something that belongs to it. */
export function invalidPortfolioRow(context: ViewContext, portfolioId: string, invalid: InvalidRow): Row {
  return invalidRow(context, rowRef({ kind: 'invalidPortfolio', portfolioId }), portfolioId, invalid);
}

export function invalidChildRow(context: ViewContext, portfolioId: string, invalid: InvalidRow): Row {
  return invalidRow(context, rowRef({ kind: 'invalidChild', portfolioId, runId: invalid.id }), invalid.id, invalid);
}

export function portfolioTooltip(context: ViewContext, { run, children, budget }: PortfolioSnapshot): Tooltip {
  const { l10n, formats, words } = context;
  const tokens = children.reduce((sum, child) => sum + child.tokens, 0);
  const spent = formats.count(tokens);
  const active = children.reduce((sum, child) => sum + child.activeDispatches, 0);
  const limit = run.maxDispatches;
  return {
    title: headline(run.goal, 300),
    facts: [
      [l10n.t('Portfolio'), run.id],
      [l10n.t('Status'), words.run(run.status)],
      [l10n.t('Phase'), run.phase],
      [l10n.t('Phases'), run.phases.join(' → ')],
      [l10n.t('Children'), formats.count(children.length)],
      [l10n.t('Dispatches'), limit === 0 ? formats.count(active) : l10n.t('{0} of {1}', active, limit)],
      ...(budget === undefined ? [[l10n.t('Tokens'), spent] as const] : budgetFacts(context, budget)),
      [l10n.t('Created'), formats.moment(run.createdAt)],
      ...(run.completedAt === null ? [] : [[l10n.t('Ended'), formats.moment(run.completedAt)] as const]),
    ],
  };
}

/** Where an active portfolio stands and what holds it back. */
export function portfolioState(context: ViewContext, record: PortfolioRecord, snapshot: PortfolioSnapshot): string {
  return joined(stateParts(context, record, snapshot));
}

/** What holds it back, or else its phase, is the first part. */
function stateParts(context: ViewContext, record: PortfolioRecord, snapshot: PortfolioSnapshot): string[] {
  const { run, children, relay, cycle, budget } = snapshot;
  const { l10n } = context;
  const gate = record.gate(snapshot);
  const there = thereCount(snapshot, gate);
  return [
    blockWords(context, projectNames(context, snapshot), gate),
    run.phase,
    there === undefined ? undefined : inWords(l10n, '{0} of {1} children advanced', there, children.length),
    cycle === undefined ? undefined : l10n.t('circular dependency'),
    dispatchWords(
      context,
      children.reduce((sum, child) => sum + child.activeDispatches, 0),
    ),
    budget === undefined ? undefined : gaugeWords(context, budget),
    relay.isPaused ? l10n.t('relay paused') : undefined,
    relay.error === undefined ? undefined : l10n.t('relay failing'),
  ].filter((part) => part !== undefined);
}

function portfolioRow(context: ViewContext, record: PortfolioRecord, snapshot: PortfolioSnapshot): Row {
  const { run } = snapshot;
  const isActive = run.status === 'active';
  const isHeld = isActive && isBlocked(record.gate(snapshot));
  const goal = headline(run.goal);
  const [lead, ...rest] = isActive ? stateParts(context, record, snapshot) : [undefined, endWords(context, snapshot)];
  const label = joined([lead, goal]);
  const description = joined(rest);
  return {
    ref: rowRef({ kind: 'portfolio', portfolioId: run.id }),
    label,
    description,
    icon: RUN_ICONS[isHeld ? 'blocked' : isActive ? 'portfolio' : run.status],
    contextValue: contextValue('portfolio', flagsOf(record, snapshot, isHeld)),
    spoken: context.l10n.t('Portfolio {0}, {1}, {2}', label, context.words.run(run.status), description),
    expands: isActive ? 'expanded' : 'collapsed',
  };
}

function flagsOf(record: PortfolioRecord, { run, relay }: PortfolioSnapshot, isHeld: boolean): RowFlag<'portfolio'>[] {
  const flags: RowFlag<'portfolio'>[] = [run.status];
  if (isHeld) flags.push('blocked');
  if (relay.isPaused) flags.push('paused');
  if (record.isWritable) flags.push('writable');
  return flags;
}

function endWords({ l10n, formats, words }: ViewContext, { run, children }: PortfolioSnapshot): string {
  const at = formats.time(run.completedAt ?? run.updatedAt);
  const count = inWords(l10n, '{0} children', children.length);
  return joined([`${words.run(run.status)} ${at}`, count]);
}

function invalidRow({ l10n }: ViewContext, ref: RowRef, label: string, invalid: InvalidRow): Row {
  const description = l10n.t('cannot be read: {0}: {1}', invalid.column, invalid.problem.text);
  return {
    ref,
    label,
    description,
    icon: { id: 'warning', color: 'list.warningForeground' },
    contextValue: contextValue(ref.kind, []),
    spoken: l10n.t('Run {0}, {1}', label, description),
    expands: 'no',
  };
}
