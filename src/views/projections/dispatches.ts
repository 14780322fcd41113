/** The *Dispatches* view: live ones of all folders first, ended ones under the day they ended (design §9). */
import type { Dispatch } from '../../kernel/dispatch/model';
import { byDay } from '../format';
import type { Gathering, Projection, Row, RowRef, Tooltip } from '../row';
import { detailRows, dispatchRow, dispatchTooltip, invalidDispatchRow } from './dispatchRow';
import type { FolderRecord } from './folderRecord';
import { groupRow, page } from './pages';
import { recordOf, type Scene } from './scene';

/** A dispatch with the record it stands in. */
interface Standing {
  readonly record: FolderRecord;
  readonly dispatch: Dispatch;
}

export class DispatchesProjection implements Projection {
  constructor(private readonly scene: Scene) {}

  roots(): Row[] {
    const { scene } = this;
    const records = scene.records().filter((record) => record.isReadable);
    const live = standing(records, (record) => record.liveDispatches());
    return [
      ...live.map(({ record, dispatch }) => dispatchRow(scene, record, dispatch)),
      ...records.flatMap((record) =>
        record.dispatches.invalid().map((invalid) => invalidDispatchRow(scene, record, invalid)),
      ),
      ...[...endedByDay(records)].map(([day, ended]) => this.dayRow(day, ended.length)),
    ];
  }

  children(ref: RowRef): readonly Row[] {
    if (ref.kind === 'group') return this.gathered(ref.gathers);
    if (ref.kind !== 'dispatch') return [];
    const found = this.find(ref);
    return found === undefined ? [] : detailRows(this.scene, found.record, found.dispatch);
  }

  tooltip(ref: RowRef): Tooltip | undefined {
    const found = ref.kind === 'dispatch' ? this.find(ref) : undefined;
    return found === undefined ? undefined : dispatchTooltip(this.scene, found.record, found.dispatch);
  }

  private gathered(gathers: Gathering): Row[] {
    const [of, from] = gathers.group === 'older' ? [gathers.of, gathers.from] : [gathers, 0];
    if (of.group !== 'dispatchDay') return [];
    const records = this.scene.records().filter((record) => record.isReadable);
    const ended = endedByDay(records).get(of.day) ?? [];
    return page(this.scene, ended, from, ({ record, dispatch }) => dispatchRow(this.scene, record, dispatch), of);
  }

  private dayRow(day: string, count: number): Row {
    const { l10n, formats } = this.scene;
    const dispatches = count === 1 ? l10n.t('1 dispatch') : l10n.t('{0} dispatches', count);
    return groupRow({ group: 'dispatchDay', day }, formats.day(day), dispatches, { id: 'calendar' });
  }

  private find(ref: { folder: string; dispatchId: string }): Standing | undefined {
    const record = recordOf(this.scene, ref.folder);
    const dispatch = record?.isReadable === true ? record.dispatches.get(ref.dispatchId) : undefined;
    return record === undefined || dispatch === undefined ? undefined : { record, dispatch };
  }
}

/** When a dispatch ended, in unix seconds; of a foreign row without that moment, when it was made. */
export function endedAt(dispatch: Dispatch): number {
  return dispatch.completedAt ?? dispatch.createdAt;
}

function standing(records: readonly FolderRecord[], of: (record: FolderRecord) => readonly Dispatch[]): Standing[] {
  return records.flatMap((record) => of(record).map((dispatch) => ({ record, dispatch })));
}

function endedByDay(records: readonly FolderRecord[]): ReadonlyMap<string, Standing[]> {
  const ended = standing(records, (record) => record.endedDispatches());
  ended.sort((a, b) => endedAt(b.dispatch) - endedAt(a.dispatch));
  return byDay(ended, ({ dispatch }) => endedAt(dispatch));
}
