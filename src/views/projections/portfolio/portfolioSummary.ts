/** The text about a window's portfolios in the status bar and in the view's header. */
import { inWords } from '../../../kernel/errors/reasons/fill';
import type { PortfolioSnapshot } from '../../../services/portfolio/home/model';
import { headline } from '../../rows/format';
import { isBlocked } from '../record/folderRecord';
import type { PortfolioRecord } from '../record/portfolioRecord';
import { portfolioState } from './portfolioRow';
import { childState } from './portfolioChildren';
import { blockedChildren, blockWords, projectNames, thereCount } from './portfolioWords';
import type { ViewContext } from '../viewContext';
import type { SummaryText } from '../run/statusSummary';
import { joined } from '../words';

export interface PortfolioSummary extends SummaryText {
  readonly portfolioId: string;
}

/** Children named in one tooltip. */
const MOST_NAMED = 20;

/** The newest active portfolio that can be read; undefined where there is none. */
export function portfolioSummary(context: ViewContext): PortfolioSummary | undefined {
  const record = context.portfolios;
  const snapshot = record?.isReadable === true ? activeSnapshots(record).next().value : undefined;
  if (record === undefined || snapshot === undefined) return undefined;
  const { l10n } = context;
  const { run, children } = snapshot;
  const names = projectNames(context, snapshot);
  const gate = record.gate(snapshot);
  const there = thereCount(snapshot, gate);
  const live = children.reduce((sum, child) => sum + child.activeDispatches, 0);
  const isHeld = isBlocked(gate);
  const named = children.slice(0, MOST_NAMED).map((child) => {
    return [names(child.projectDir), childState(context, names, child)] as const;
  });
  const more = children.length - named.length;
  return {
    portfolioId: run.id,
    icon: live > 0 ? 'sync~spin' : isHeld ? 'lock' : 'type-hierarchy',
    text: joined([
      run.phase,
      there === undefined ? undefined : `${there}/${children.length}`,
      blockWords(context, names, gate),
      live === 0 ? undefined : l10n.t('{0} running', live),
    ]),
    spoken: l10n.t('Intercore portfolio {0}: {1}', headline(run.goal), portfolioState(context, record, snapshot)),
    tooltip: {
      title: headline(run.goal, 300),
      facts: named,
      ...(more > 0 ? { text: l10n.t('and {0} more', more) } : {}),
    },
    needsPerson: isHeld && live === 0,
  };
}

/** How many children of active portfolios are blocked, and which; undefined for none. */
export function blockedNames(context: ViewContext): string | undefined {
  const record = context.portfolios;
  if (record?.isReadable !== true) return undefined;
  const { l10n } = context;
  const blocked = [...activeSnapshots(record)].flatMap((snapshot) => {
    const names = projectNames(context, snapshot);
    return blockedChildren(snapshot).map((child) => names(child.projectDir));
  });
  const value = blocked.length;
  if (value === 0) return undefined;
  const named = blocked.slice(0, MOST_NAMED).join(', ');
  const list = value > MOST_NAMED ? l10n.t('{0} and {1} more', named, value - MOST_NAMED) : named;
  return inWords(l10n, '{0} children blocked: {1}', value, list);
}

function* activeSnapshots(record: PortfolioRecord): Generator<PortfolioSnapshot, undefined> {
  for (const { id } of record.open()) {
    const snapshot = record.get(id);
    if (snapshot !== undefined) yield snapshot;
  }
  return undefined;
}
