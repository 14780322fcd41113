/** The *Dispatches* view: live ones of all folders first, ended ones under the day they ended (design §9). */
import type { Dispatch } from '../../kernel/dispatch/model';
import type { Gathering, Projection, Row, RowRef, Tooltip } from '../row';
import { detailRows, dispatchTooltip, storedDispatchRow } from './dispatchRow';
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
    const records = readable(scene);
    const days = [...new Set(records.flatMap((record) => [...record.dispatches.ended().keys()]))].sort().reverse();
    return [
      ...records.flatMap((record) => record.dispatches.open().flatMap((id) => storedDispatchRow(scene, record, id))),
      ...days.map((day) => this.dayRow(day, endedOn(records, day).length, day === days[0])),
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
    const ended = endedOn(readable(this.scene), of.day);
    return page(this.scene, ended, from, ({ record, id }) => storedDispatchRow(this.scene, record, id), of);
  }

  private dayRow(day: string, count: number, isNewest: boolean): Row {
    const { l10n, formats } = this.scene;
    const dispatches = count === 1 ? l10n.t('1 dispatch') : l10n.t('{0} dispatches', count);
    const expands = isNewest ? 'expanded' : 'collapsed';
    return groupRow({ group: 'dispatchDay', day }, formats.day(day), dispatches, { id: 'calendar' }, expands);
  }

  private find(ref: { folder: string; dispatchId: string }): Standing | undefined {
    const record = recordOf(this.scene, ref.folder);
    const dispatch = record?.isReadable === true ? record.dispatches.get(ref.dispatchId) : undefined;
    return record === undefined || dispatch === undefined ? undefined : { record, dispatch };
  }
}

function readable(scene: Scene): FolderRecord[] {
  return scene.records().filter((record) => record.isReadable);
}

/** Dispatches of all folders that ended on a day, the last ended first. */
function endedOn(records: readonly FolderRecord[], day: string): { record: FolderRecord; id: string }[] {
  const ended = records.flatMap((record) => {
    return (record.dispatches.ended().get(day) ?? []).map(({ id, endedAt }) => ({ record, id, endedAt }));
  });
  return ended.sort((a, b) => b.endedAt - a.endedAt);
}
