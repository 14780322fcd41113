/** A run as a row: its goal, where it stands and what holds it back. */
import { contextValue, type RowFlag } from '../../../contract/views';
import type { Run } from '../../../kernel/run/record/model';
import { headline } from '../../format';
import { rowRef, type Row, type Tooltip } from '../../trees/row';
import { budgetFacts, gaugeWords } from '../budget/budgetWords';
import { isBlocked, type FolderRecord } from '../folderRecord';
import type { Unreadable } from '../recordIndex';
import type { Scene } from '../scene';
import { RUN_ICONS } from '../words';

/** How an active run stands, or how it ended. */
type RunStanding = keyof typeof RUN_ICONS;

/** A stored run, or the warning that it cannot be read. */
export function storedRunRow(scene: Scene, record: FolderRecord, id: string): Row[] {
  const reading = record.runs.readListed(id);
  if ('sound' in reading) return [runRow(scene, record, reading.sound)];
  return [invalidRunRow(scene, record, reading.invalid)];
}

function runRow(scene: Scene, record: FolderRecord, run: Run): Row {
  const standing = standingOf(record, run);
  const label = headline(run.goal);
  const description = describe(scene, record, run, standing);
  return {
    ref: rowRef({ kind: 'run', folder: record.folder, runId: run.id }),
    label,
    description,
    icon: RUN_ICONS[standing],
    contextValue: contextValue('run', flagsOf(record, run, standing)),
    spoken: scene.l10n.t('Run {0}, {1}, {2}', label, scene.words.run(run.status), description),
    expands: 'collapsed',
  };
}

export function invalidRunRow({ l10n }: Scene, record: FolderRecord, invalid: Unreadable): Row {
  const description = l10n.t('cannot be read: {0}: {1}', invalid.column, invalid.problem);
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

export function runTooltip(scene: Scene, record: FolderRecord, run: Run): Tooltip {
  const { l10n, formats, words } = scene;
  const standing = record.budgets.detailsOf(run.id);
  return {
    title: headline(run.goal, 300),
    facts: [
      [l10n.t('Run'), run.id],
      [l10n.t('Status'), words.run(run.status)],
      [l10n.t('Phase'), run.phase],
      [l10n.t('Phases'), run.phases.join(' → ')],
      ...(standing === undefined ? [] : budgetFacts(scene, standing)),
      [l10n.t('Created'), formats.moment(run.createdAt)],
      ...(run.completedAt === null ? [] : [[l10n.t('Ended'), formats.moment(run.completedAt)] as const]),
      ...(run.parentRunId === null ? [] : [[l10n.t('Portfolio'), run.parentRunId] as const]),
    ],
  };
}

function standingOf(record: FolderRecord, run: Run): RunStanding {
  if (run.status !== 'active') return run.status;
  if (isBlocked(record.gate(run))) return 'blocked';
  if (!run.autoAdvance) return 'manual';
  return run.projectDir === '' ? 'portfolio' : 'active';
}

function flagsOf(record: FolderRecord, run: Run, standing: RunStanding): RowFlag<'run'>[] {
  const flags: RowFlag<'run'>[] = [run.status];
  if (standing === 'blocked') flags.push('blocked');
  if (!run.autoAdvance) flags.push('manual');
  if (run.projectDir === '') flags.push('portfolio');
  if (record.isWritable) flags.push('writable');
  return flags;
}

/** A run that goes on tells of its budget, too. */
function describe(scene: Scene, record: FolderRecord, run: Run, standing: RunStanding): string {
  const text = standingWords(scene, record, run, standing);
  const budget = run.status === 'active' ? record.budgets.ofRun(run) : undefined;
  const gauge = budget === undefined ? undefined : gaugeWords(scene, budget);
  return gauge === undefined ? text : `${text} · ${gauge}`;
}

function standingWords({ l10n, formats }: Scene, record: FolderRecord, run: Run, standing: RunStanding): string {
  const at = (): string => formats.time(run.completedAt ?? run.updatedAt);
  switch (standing) {
    case 'completed':
      return l10n.t('completed {0}', at());
    case 'cancelled':
      return l10n.t('cancelled in {0}, {1}', run.phase, at());
    case 'failed':
      return l10n.t('failed in {0}, {1}', run.phase, at());
    case 'blocked':
      return withDispatches(l10n.t('{0} · gate blocked', run.phase), record, run);
    case 'manual':
      return withDispatches(l10n.t('{0} · waits for you', run.phase), record, run);
    case 'portfolio':
      return withDispatches(l10n.t('{0} · portfolio', run.phase), record, run);
    case 'active':
      return withDispatches(run.phase, record, run);
  }

  function withDispatches(text: string, of: FolderRecord, at: Run): string {
    const live = of.liveCountOf(at);
    if (live === 0) return text;
    return live === 1 ? l10n.t('{0} · 1 dispatch running', text) : l10n.t('{0} · {1} dispatches running', text, live);
  }
}
