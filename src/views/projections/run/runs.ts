/** The *Runs* view: folders, their runs, and below a run its phases, agents and events. */
import { inWords } from '../../../kernel/errors/reasons/fill';
import type { Gathering, Paged, Projection, Row, RowRef, Tooltip } from '../../rows/row';
import type { FolderRecord } from '../record/folderRecord';
import { KernelError } from '../../../kernel/errors/errors';
import type { Run } from '../../../kernel/run/record/model';
import { folderRow, folderTooltip } from '../folderRow';
import { groupRow, pageOf } from '../pages';
import { agentRows, artifactRows, eventRows, runGroups } from './runContents';
import { invalidRunRow, storedRunRow, runTooltip } from './runRow';
import { conditionRows, conditionTooltip, phaseRows } from './phaseRows';
import { recordOf, type ViewContext } from '../viewContext';

export class RunsProjection implements Projection {
  constructor(private readonly context: ViewContext) {}

  roots(): Row[] {
    const records = this.context.records();
    const [only, ...others] = records;
    if (only === undefined) return [];
    if (others.length > 0) return this.folderRoots(records);
    // One folder that cannot be read leaves the view empty, so that its welcome content shows the next step.
    return this.runsOf(only);
  }

  children(ref: RowRef): readonly Row[] {
    if (ref.kind === 'group') return this.gathered(ref.gathers);
    if (ref.kind === 'run') return this.withRun(ref, (record, run) => this.runChildren(record, run));
    if (ref.kind === 'phase') {
      return this.withRun(ref, (record, run) => [
        ...(run.phase === ref.phase ? conditionRows(this.context, record, run) : []),
        ...artifactRows(this.context, record, run, 0, {
          group: 'artifacts',
          folder: record.folder,
          runId: run.id,
          phase: ref.phase,
        }),
      ]);
    }
    const record = ref.kind === 'folder' ? recordOf(this.context, ref.folder) : undefined;
    return record === undefined ? [] : this.runsOf(record);
  }

  tooltip(ref: RowRef): Tooltip | undefined {
    const record = 'folder' in ref ? recordOf(this.context, ref.folder) : undefined;
    if (record === undefined) return undefined;
    if (ref.kind === 'folder') return folderTooltip(this.context, record);
    if (ref.kind !== 'run' && ref.kind !== 'condition') return undefined;
    const run = record.isReadable ? record.runs.get(ref.runId) : undefined;
    if (run === undefined) return undefined;
    return ref.kind === 'run'
      ? runTooltip(this.context, record, run)
      : conditionTooltip(this.context, record, run, ref.index);
  }

  private folderRoots(records: readonly FolderRecord[]): Row[] {
    // Where no folder has a database the view stays empty, so that its welcome content shows.
    if (records.every((record) => record.source.state.kind === 'missing')) return [];
    return records.map((record) => folderRow(this.context, record));
  }

  private runsOf(record: FolderRecord): Row[] {
    if (!record.isReadable) return [];
    const { folder } = record;
    return [...this.pageOf({ group: 'activeRuns', folder }, 0), ...this.dayRows(record)];
  }

  private dayRows(record: FolderRecord): Row[] {
    const { l10n, formats } = this.context;
    return [...record.runs.endedDays()].map(([day, runs], index) => {
      const count = inWords(l10n, '{0} runs', runs);
      const expands = index === 0 ? 'expanded' : 'collapsed';
      const gathers = { group: 'runDay', folder: record.folder, day } as const;
      return groupRow(gathers, formats.day(day), count, { id: 'calendar' }, expands);
    });
  }

  private gathered(gathers: Gathering): Row[] {
    return gathers.group === 'older' ? this.pageOf(gathers.of, gathers.from) : this.pageOf(gathers, 0);
  }

  /** The rows of one list of a folder or run, from `from` on. */
  private pageOf(of: Paged, from: number): Row[] {
    const { context } = this;
    const record = 'folder' in of ? recordOf(context, of.folder) : undefined;
    if (record === undefined || !record.isReadable) return [];
    const run = 'runId' in of ? record.runs.get(of.runId) : undefined;
    if (of.group === 'activeRuns') {
      const list = { count: record.runs.openCount, first: (limit: number) => record.runs.open(limit) };
      return this.runPage(record, list, from, of);
    }
    if (of.group === 'runDay') {
      const { day } = of;
      const first = (limit: number): string[] => record.runs.endedOn(day, limit).map(({ id }) => id);
      return this.runPage(record, { count: record.runs.endedDays().get(day) ?? 0, first }, from, of);
    }
    if (run === undefined) return [];
    if (of.group === 'agents') return agentRows(context, record, run, from, of);
    if (of.group === 'artifacts' || of.group === 'unlistedArtifacts')
      return artifactRows(context, record, run, from, of);
    if (of.group !== 'events') return [];
    return eventRows(context, record, run, from, of);
  }

  private runPage(record: FolderRecord, list: Parameters<typeof pageOf<string>>[1], from: number, of: Paged): Row[] {
    return pageOf(this.context, list, from, (ids) => this.runRows(record, ids), of);
  }

  private runRows(record: FolderRecord, ids: readonly string[]): Row[] {
    const rows = (): Row[] => ids.flatMap((id) => storedRunRow(this.context, record, id));
    if (!record.runs.isUnread(ids)) return rows();
    // The runs and their gates in one read of the database.
    return record.read(() => {
      record.readAheadRuns(ids);
      return rows();
    });
  }

  private runChildren(record: FolderRecord, run: Run): Row[] {
    return record.read(() => [...phaseRows(this.context, record, run), ...runGroups(this.context, record, run)]);
  }

  private withRun(ref: { folder: string; runId: string }, rows: (record: FolderRecord, run: Run) => Row[]): Row[] {
    const record = recordOf(this.context, ref.folder);
    const run = record?.isReadable === true ? record.runs.get(ref.runId) : undefined;
    if (record === undefined || run === undefined) return [];
    try {
      return rows(record, run);
    } catch (error) {
      // What another program stored below this run cannot be read: show that in its place.
      if (!KernelError.is(error, 'ROW_INVALID')) throw error;
      return [invalidRunRow(this.context, record, error.facts)];
    }
  }
}
