/** The text of the status bar: the current run of one folder, what blocks it, running agents. */
import { KernelError } from '../../../kernel/errors/errors';
import type { Run } from '../../../kernel/run/record/model';
import { headline } from '../../rows/format';
import type { Tooltip } from '../../rows/row';
import { isBlocked, type FolderRecord } from '../record/folderRecord';
import { runTooltip } from './runRow';
import { recordOf, type ViewContext } from '../viewContext';

/** The look of the item. */
export interface SummaryText {
  /** A codicon id. */
  readonly icon: string;
  /** Plain text; codicon syntax in it is not meant. */
  readonly text: string;
  readonly spoken: string;
  readonly tooltip: Tooltip;
  /** Nothing moves until a person acts: the gate is red and no agent is running. */
  readonly needsPerson: boolean;
}

export interface StatusSummary extends SummaryText {
  readonly folder: string;
  readonly runId: string;
}

/** `editorFolder`: the folder of the active editor. Undefined where there is nothing to say. */
export function statusSummary(context: ViewContext, editorFolder: string | undefined): StatusSummary | undefined {
  const record = activeRecord(context, editorFolder);
  const run = record === undefined ? undefined : record.currentRun();
  if (record === undefined || run === undefined) return undefined;
  const blocked = blockingWords(context, record, run);
  const live = record.liveCountOf(run);
  const working = live === 0 ? undefined : context.l10n.t('{0} running', live);
  const text = [run.phase, blocked, working].filter((part) => part !== undefined).join(' · ');
  return {
    folder: record.folder,
    runId: run.id,
    icon: live > 0 ? 'sync~spin' : blocked !== undefined ? 'lock' : run.autoAdvance ? 'play-circle' : 'debug-pause',
    text,
    spoken: context.l10n.t('Intercore run {0}: {1}', headline(run.goal), text),
    tooltip: runTooltip(context, record, run),
    needsPerson: blocked !== undefined && live === 0,
  };
}

/** The active editor's folder, else the only one, else the first with an active run. */
function activeRecord(context: ViewContext, editorFolder: string | undefined): FolderRecord | undefined {
  const own = editorFolder === undefined ? undefined : recordOf(context, editorFolder);
  const readable = context.records().filter((record) => record.isReadable);
  if (own !== undefined) return readable.includes(own) ? own : undefined;
  return readable.find((record) => record.currentRun() !== undefined);
}

function blockingWords({ l10n, words }: ViewContext, record: FolderRecord, run: Run): string | undefined {
  const gate = record.gate(run);
  if (!isBlocked(gate)) return undefined;
  if (gate instanceof KernelError) return l10n.t('gate could not be checked');
  const [first, ...others] = gate.conditions.filter((condition) => condition.result === 'fail');
  if (first === undefined) return undefined;
  const missing = words.missing(first.check);
  return others.length === 0 ? missing : l10n.t('{0} and {1} more', missing, others.length);
}
