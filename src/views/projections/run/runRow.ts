/** A run as a row: its phase and goal, and what holds it back. A narrow view cuts the end, so the phase comes first. */
import { contextValue, type RowFlag } from '../../../contract/views';
import type { Run } from '../../../kernel/run/record/model';
import { headline } from '../../rows/format';
import { rowRef, type Icon, type Row, type Tooltip } from '../../rows/row';
import { budgetFacts, gaugeWords } from '../budgetWords';
import { isBlocked, type FolderRecord } from '../record/folderRecord';
import type { InvalidRow } from '../../../kernel/db/rows';
import type { ViewContext } from '../viewContext';
import { DISPATCH_ICONS, RUN_ICONS, dispatchWords, joined } from '../words';

/** How an active run stands, or how it ended. */
type RunState = keyof typeof RUN_ICONS;

/** A stored run, or the warning that it cannot be read. */
export function storedRunRow(context: ViewContext, record: FolderRecord, id: string): Row[] {
  const reading = record.runs.readListed(id);
  if ('sound' in reading) return [runRow(context, record, reading.sound)];
  return [invalidRunRow(context, record, reading.invalid)];
}

function runRow(context: ViewContext, record: FolderRecord, run: Run): Row {
  const state = stateOf(record, run);
  const goal = headline(run.goal);
  const label = run.status === 'active' ? joined([run.phase, goal]) : goal;
  const description = describe(context, record, run, state);
  const status = context.words.run(run.status);
  return {
    ref: rowRef({ kind: 'run', folder: record.folder, runId: run.id }),
    label,
    ...(description === '' ? {} : { description }),
    icon: iconOf(record, run, state),
    contextValue: contextValue('run', flagsOf(record, run, state)),
    spoken:
      description === ''
        ? context.l10n.t('Run {0}, {1}', label, status)
        : context.l10n.t('Run {0}, {1}, {2}', label, status, description),
    expands: 'collapsed',
  };
}

export function invalidRunRow({ l10n }: ViewContext, record: FolderRecord, invalid: InvalidRow): Row {
  const description = l10n.t('cannot be read: {0}: {1}', invalid.column, invalid.problem.text);
  return {
    ref: rowRef({ kind: 'invalidRun', folder: record.folder, runId: invalid.id }),
    label: invalid.id,
    description,
    icon: { id: 'warning', color: 'list.warningForeground' },
    contextValue: contextValue('invalidRun', []),
    spoken: l10n.t('Run {0}, {1}', invalid.id, description),
    expands: 'no',
  };
}

export function runTooltip(context: ViewContext, record: FolderRecord, run: Run): Tooltip {
  const { l10n, formats, words } = context;
  const state = record.budgets.detailsOf(run.id);
  return {
    title: headline(run.goal, 300),
    facts: [
      [l10n.t('Run'), run.id],
      [l10n.t('Status'), words.run(run.status)],
      [l10n.t('Phase'), run.phase],
      [l10n.t('Phases'), run.phases.join(' → ')],
      ...(state === undefined ? [] : budgetFacts(context, state)),
      [l10n.t('Created'), formats.moment(run.createdAt)],
      ...(run.completedAt === null ? [] : [[l10n.t('Ended'), formats.moment(run.completedAt)] as const]),
      ...(run.parentRunId === null ? [] : [[l10n.t('Portfolio'), run.parentRunId] as const]),
    ],
  };
}

function stateOf(record: FolderRecord, run: Run): RunState {
  if (run.status !== 'active') return run.status;
  if (isBlocked(record.gate(run))) return 'blocked';
  if (!run.autoAdvance) return 'manual';
  return run.projectDir === '' ? 'portfolio' : 'active';
}

function flagsOf(record: FolderRecord, run: Run, state: RunState): RowFlag<'run'>[] {
  const flags: RowFlag<'run'>[] = [run.status];
  if (state === 'blocked') flags.push('blocked');
  if (!run.autoAdvance) flags.push('manual');
  if (run.projectDir === '') flags.push('portfolio');
  if (record.isWritable) flags.push('writable');
  return flags;
}

/** A run with a running agent spins, unless its gate holds it. */
function iconOf(record: FolderRecord, run: Run, state: RunState): Icon {
  const isWorking = (state === 'active' || state === 'manual') && record.liveCountOf(run) > 0;
  return isWorking ? DISPATCH_ICONS.running : RUN_ICONS[state];
}

/** What its phase and its icon leave open. An active run shows its agents and its budget. */
function describe(context: ViewContext, record: FolderRecord, run: Run, state: RunState): string {
  const isActive = run.status === 'active';
  const budget = isActive ? record.budgets.ofRun(run) : undefined;
  return joined([
    stateWords(context, run, state),
    isActive ? dispatchWords(context, record.liveCountOf(run)) : undefined,
    budget === undefined ? undefined : gaugeWords(context, budget),
  ]);
}

function stateWords({ l10n, formats }: ViewContext, run: Run, state: RunState): string | undefined {
  const at = (): string => formats.time(run.completedAt ?? run.updatedAt);
  switch (state) {
    case 'completed':
      return l10n.t('completed {0}', at());
    case 'cancelled':
      return l10n.t('canceled in {0}, {1}', run.phase, at());
    case 'failed':
      return l10n.t('failed in {0}, {1}', run.phase, at());
    case 'blocked':
      return l10n.t('gate blocked');
    case 'manual':
      return l10n.t('waits for you');
    case 'portfolio':
      return l10n.t('portfolio');
    case 'active':
      return undefined;
  }
}
