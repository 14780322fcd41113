/** The children of a portfolio as rows, and what is known of each below it. */
import { contextValue, type RowFlag } from '../../../contract/views';
import type { ChildSnapshot, PortfolioSnapshot } from '../../../services/portfolio/home/model';
import { problemOfChild } from '../../../services/portfolio/snapshot/snapshot';
import { headline } from '../../rows/format';
import { rowRef, type ChildRef, type Icon, type Row, type Tooltip } from '../../rows/row';
import { storedDispatchRow } from '../dispatch/dispatchRow';
import { explain } from '../folderRow';
import { neighborRows } from './portfolioEdges';
import type { PortfolioRecord } from '../record/portfolioRecord';
import { folderOf, missingWords, sourceWords, waitsWords, type ProjectNames } from './portfolioWords';
import { recordOf, type ViewContext } from '../viewContext';
import { RUN_ICONS, dispatchWords, joined } from '../words';

export function childRow(context: ViewContext, names: ProjectNames, portfolioId: string, child: ChildSnapshot): Row {
  const { run } = child;
  const label = names(child.projectDir);
  const description = childState(context, names, child);
  return {
    ref: childRef(portfolioId, child),
    label,
    description,
    icon: iconOf(child),
    contextValue: contextValue('child', flagsOf(context, child)),
    spoken: context.l10n.t('Child {0}, {1}, {2}', label, context.words.run(run.status), description),
    expands: 'collapsed',
  };
}

/** Where a child stands and what holds it back. */
export function childState(context: ViewContext, names: ProjectNames, child: ChildSnapshot): string {
  const { l10n, words } = context;
  const { run } = child;
  const isActive = run.status === 'active';
  return joined([
    isActive ? waitsWords(context, names, child) : undefined,
    isActive ? run.phase : l10n.t('{0} in {1}', words.run(run.status), run.phase),
    isActive ? missingWords(context, child) : undefined,
    dispatchWords(context, child.activeDispatches),
    sourceWords(context, child),
    child.isOpen ? undefined : l10n.t('folder not open'),
  ]);
}

/** Below a child: why it cannot be read, its dependencies both ways, what runs for it. */
export function childContents(
  context: ViewContext,
  record: PortfolioRecord,
  snapshot: PortfolioSnapshot,
  child: ChildSnapshot,
  names: ProjectNames,
): Row[] {
  return [
    ...problemRows(context, snapshot, child),
    ...neighborRows(context, names, snapshot, child, record.isWritable),
    ...dispatchRows(context, snapshot, child),
  ];
}

export function childTooltip(
  context: ViewContext,
  names: ProjectNames,
  { relay }: PortfolioSnapshot,
  child: ChildSnapshot,
): Tooltip {
  const { l10n, formats, words } = context;
  const { run } = child;
  const problem = problemOfChild(child) ?? relay.problems.get(run.id);
  const upstreams = child.upstreams.map(names).join(', ');
  return {
    title: names(child.projectDir),
    facts: [
      [l10n.t('Run'), run.id],
      [l10n.t('Folder'), child.projectDir],
      [l10n.t('Goal'), headline(run.goal, 300)],
      [l10n.t('Status'), words.run(run.status)],
      [l10n.t('Phase'), run.phase],
      [l10n.t('Phases'), run.phases.join(' → ')],
      [l10n.t('Depends on'), upstreams === '' ? l10n.t('nothing') : upstreams],
      ...child.waitsFor.map(
        ({ projectDir, phase, needs }) =>
          [l10n.t('Waits for'), l10n.t('{0} (at {1}, needs {2})', names(projectDir), phase, needs)] as const,
      ),
      [l10n.t('Dispatches'), formats.count(child.activeDispatches)],
      [l10n.t('Tokens'), formats.count(child.tokens)],
      [l10n.t('Events to relay'), formats.count(child.unrelayed)],
    ],
    ...(problem === undefined ? {} : { text: explain(l10n, problem) }),
  };
}

function childRef(portfolioId: string, child: ChildSnapshot): ChildRef {
  const { run, projectDir } = child;
  return rowRef({ kind: 'child', portfolioId, folder: folderOf(child), runId: run.id, projectDir });
}

function iconOf(child: ChildSnapshot): Icon {
  const { run, source } = child;
  if (source.kind === 'unreadable') {
    return source.problem.code === 'DATABASE_LOADING'
      ? { id: 'loading~spin' }
      : { id: 'warning', color: 'list.warningForeground' };
  }
  return RUN_ICONS[run.status === 'active' && child.waitsFor.length > 0 ? 'blocked' : run.status];
}

function flagsOf(context: ViewContext, child: ChildSnapshot): RowFlag<'child'>[] {
  const { run, source } = child;
  const flags: RowFlag<'child'>[] = [run.status, source.kind === 'row' ? 'mirror' : source.kind];
  if (child.isOpen) flags.push('open');
  if (child.waitsFor.length > 0) flags.push('waiting');
  if (recordOf(context, folderOf(child))?.isWritable === true) flags.push('writable');
  return flags;
}

/** Why a child cannot be read; what the relay met at its last attempt, where that is something else. */
function problemRows({ l10n }: ViewContext, { run, relay }: PortfolioSnapshot, child: ChildSnapshot): Row[] {
  const warning = { id: 'warning', color: 'list.warningForeground' };
  const own = problemOfChild(child);
  const met = relay.problems.get(child.run.id);
  const of = childRef(run.id, child);
  return [
    ...(own === undefined ? [] : [detailRow(of, l10n.t('Cannot be read'), explain(l10n, own), warning)]),
    ...(met === undefined || met.message === own?.message
      ? []
      : [detailRow(of, l10n.t('Relay'), explain(l10n, met), warning)]),
  ];
}

/** The running dispatches for a child whose folder is open; else that there are some. */
function dispatchRows(context: ViewContext, { run }: PortfolioSnapshot, child: ChildSnapshot): Row[] {
  const { l10n } = context;
  const record = child.source.kind === 'own' ? recordOf(context, folderOf(child)) : undefined;
  if (record?.isReadable === true) {
    const live = record.liveDispatchesOf(child.run);
    return live.flatMap((id) => storedDispatchRow(context, record, id)).map((row) => ({ ...row, expands: 'no' }));
  }
  const words = dispatchWords(context, child.activeDispatches);
  if (words === undefined) return [];
  const description = l10n.t('{0}; open the folder to see them', words);
  return [detailRow(childRef(run.id, child), l10n.t('Dispatches'), description, { id: 'sync~spin' })];
}

function detailRow({ portfolioId, folder, runId, projectDir }: ChildRef, label: string, text: string, icon: Icon): Row {
  return {
    ref: rowRef({ kind: 'childDetail', portfolioId, folder, runId, projectDir, detail: label }),
    label,
    description: text,
    icon,
    contextValue: contextValue('childDetail', []),
    spoken: `${label}: ${text}`,
    expands: 'no',
  };
}
