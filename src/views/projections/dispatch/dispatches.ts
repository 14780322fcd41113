/** The *Dispatches* view: what waits and what runs in all folders, then what has ended, by day. */
import { inWords } from '../../../kernel/errors/reasons/fill';
import type { Dispatch } from '../../../kernel/dispatch/model';
import type { Gathering, Projection, QueuedRef, Row, RowRef, Tooltip } from '../../rows/row';
import { detailRows, dispatchTooltip, storedDispatchRow } from './dispatchRow';
import type { FolderRecord } from '../record/folderRecord';
import { groupRow, pageOf } from '../pages';
import { queuedRows, queuedTooltip } from './queuedRow';
import { recordOf, type ViewContext } from '../viewContext';

/** A dispatch with its record. */
interface RowState {
  readonly record: FolderRecord;
  readonly dispatch: Dispatch;
}

/** A dispatch as a list has it. */
interface Listed {
  readonly record: FolderRecord;
  readonly id: string;
}

export class DispatchesProjection implements Projection {
  constructor(private readonly context: ViewContext) {}

  roots(): Row[] {
    const { context } = this;
    const records = readable(context);
    const days = [...new Set(records.flatMap((record) => [...record.dispatches.endedDays().keys()]))].sort().reverse();
    return [
      ...queuedRows(context, records),
      ...records.flatMap((record) => this.live(record, 0)),
      ...days.map((day) => this.dayRow(day, endedCount(records, day), day === days[0])),
    ];
  }

  children(ref: RowRef): readonly Row[] {
    if (ref.kind === 'group') return this.gathered(ref.gathers);
    if (ref.kind !== 'dispatch') return [];
    const found = this.find(ref);
    return found === undefined ? [] : detailRows(this.context, found.record, found.dispatch);
  }

  tooltip(ref: RowRef): Tooltip | undefined {
    if (ref.kind === 'queued') return this.queuedTooltip(ref);
    const found = ref.kind === 'dispatch' ? this.find(ref) : undefined;
    return found === undefined ? undefined : dispatchTooltip(this.context, found.record, found.dispatch);
  }

  private queuedTooltip({ folder, dispatchId }: QueuedRef): Tooltip | undefined {
    const record = recordOf(this.context, folder);
    return record?.isReadable === true ? queuedTooltip(this.context, record, dispatchId) : undefined;
  }

  private gathered(gathers: Gathering): Row[] {
    const [of, from] = gathers.group === 'older' ? [gathers.of, gathers.from] : [gathers, 0];
    if (of.group === 'liveDispatches') {
      const record = recordOf(this.context, of.folder);
      return record?.isReadable === true ? this.live(record, from) : [];
    }
    if (of.group !== 'dispatchDay') return [];
    const records = readable(this.context);
    const list = {
      count: endedCount(records, of.day),
      first: (limit: number) => endedOn(records, of.day, limit),
    };
    return pageOf(this.context, list, from, (ended) => this.rows(ended), of);
  }

  /** Those of one folder that have not ended, from `from` on. */
  private live(record: FolderRecord, from: number): Row[] {
    const { dispatches, folder } = record;
    const list = {
      count: dispatches.openCount,
      first: (limit: number) => dispatches.open(limit).map((id) => ({ record, id })),
    };
    return pageOf(this.context, list, from, (live) => this.rows(live), { group: 'liveDispatches', folder });
  }

  private rows(listed: readonly Listed[]): Row[] {
    for (const record of new Set(listed.map((one) => one.record))) {
      record.dispatches.readAhead(listed.filter((one) => one.record === record).map(({ id }) => id));
    }
    return listed.flatMap(({ record, id }) => storedDispatchRow(this.context, record, id));
  }

  private dayRow(day: string, count: number, isNewest: boolean): Row {
    const { l10n, formats } = this.context;
    const dispatches = inWords(l10n, '{0} dispatches', count);
    const expands = isNewest ? 'expanded' : 'collapsed';
    return groupRow({ group: 'dispatchDay', day }, formats.day(day), dispatches, { id: 'calendar' }, expands);
  }

  private find(ref: { folder: string; dispatchId: string }): RowState | undefined {
    const record = recordOf(this.context, ref.folder);
    const dispatch = record?.isReadable === true ? record.dispatches.get(ref.dispatchId) : undefined;
    return record === undefined || dispatch === undefined ? undefined : { record, dispatch };
  }
}

function readable(context: ViewContext): FolderRecord[] {
  return context.records().filter((record) => record.isReadable);
}

/** How many dispatches of all folders ended on a day. */
function endedCount(records: readonly FolderRecord[], day: string): number {
  return records.reduce((sum, record) => sum + (record.dispatches.endedDays().get(day) ?? 0), 0);
}

/** The last dispatches of all folders that ended on a day, the last ended first. */
function endedOn(records: readonly FolderRecord[], day: string, limit: number): readonly Listed[] {
  const ended = records.flatMap((record) => {
    return record.dispatches.endedOn(day, limit).map(({ id, endedAt }) => ({ record, id, endedAt }));
  });
  return ended.sort((a, b) => b.endedAt - a.endedAt).slice(0, limit);
}
