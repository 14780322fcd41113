/** The *Runs* view: folders, their runs, and below a run its phases, agents and events (design §9). */
import type { Gathering, Projection, Row, RowRef, Tooltip } from '../row';
import type { FolderRecord } from './folderRecord';
import { KernelError } from '../../kernel/errors';
import type { Run } from '../../kernel/run/model';
import { folderRow, folderTooltip } from './folderRow';
import { groupRow, page, PAGE_SIZE } from './pages';
import { agentRows, artifactRows, eventRow, eventsOf, runGroups, strayArtifacts } from './runContents';
import { invalidRunRow, storedRunRow, runTooltip } from './runRow';
import { conditionRows, conditionTooltip, phaseRows } from './phaseRows';
import { recordOf, type Scene } from './scene';

type Paged = Exclude<Gathering, { group: 'older' }>;

export class RunsProjection implements Projection {
  constructor(private readonly scene: Scene) {}

  roots(): Row[] {
    const records = this.scene.records();
    const [only, ...others] = records;
    if (only === undefined) return [];
    if (others.length > 0) return this.folderRoots(records);
    // One folder that cannot be read leaves the view empty, so that its welcome content says what can be done.
    return this.runsOf(only);
  }

  children(ref: RowRef): readonly Row[] {
    switch (ref.kind) {
      case 'folder': {
        const record = recordOf(this.scene, ref.folder);
        return record === undefined ? [] : this.runsOf(record);
      }
      case 'run':
        return this.withRun(ref, (record, run) => this.runChildren(record, run));
      case 'phase':
        return this.withRun(ref, (record, run) => [
          ...(run.phase === ref.phase ? conditionRows(this.scene, record, run) : []),
          ...artifactRows(this.scene, record, run, ref.phase),
        ]);
      case 'group':
        return this.gathered(ref.gathers);
      case 'invalidRun':
      case 'condition':
      case 'artifact':
      case 'agent':
      case 'event':
      case 'dispatch':
      case 'queued':
      case 'invalidDispatch':
      case 'detail':
      case 'portfolio':
      case 'invalidPortfolio':
      case 'child':
      case 'invalidChild':
      case 'childDetail':
      case 'dependency':
      case 'dependencyCycle':
      case 'portfolioCondition':
      case 'behind':
      case 'need':
      case 'project':
      case 'task':
      case 'subtask':
      case 'attempt':
      case 'waitsFor':
      case 'invalidTasks':
      case 'invalidVillageRow':
      case 'portfolioEvent':
      case 'relay':
        return [];
    }
  }

  tooltip(ref: RowRef): Tooltip | undefined {
    const record = 'folder' in ref ? recordOf(this.scene, ref.folder) : undefined;
    if (record === undefined) return undefined;
    if (ref.kind === 'folder') return folderTooltip(this.scene, record);
    if (ref.kind !== 'run' && ref.kind !== 'condition') return undefined;
    const run = record.isReadable ? record.runs.get(ref.runId) : undefined;
    if (run === undefined) return undefined;
    return ref.kind === 'run'
      ? runTooltip(this.scene, record, run)
      : conditionTooltip(this.scene, record, run, ref.index);
  }

  private folderRoots(records: readonly FolderRecord[]): Row[] {
    // Where no folder has a database the view stays empty, so that its welcome content shows.
    if (records.every((record) => record.source.state.kind === 'missing')) return [];
    return records.map((record) => folderRow(this.scene, record));
  }

  private runsOf(record: FolderRecord): Row[] {
    if (!record.isReadable) return [];
    const { folder } = record;
    return [...this.pageOf({ group: 'activeRuns', folder }, 0), ...this.dayRows(record)];
  }

  private dayRows(record: FolderRecord): Row[] {
    const { l10n, formats } = this.scene;
    return [...record.runs.ended()].map(([day, runs], index) => {
      const count = runs.length === 1 ? l10n.t('1 run') : l10n.t('{0} runs', runs.length);
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
    const { scene } = this;
    const record = 'folder' in of ? recordOf(scene, of.folder) : undefined;
    if (record === undefined || !record.isReadable) return [];
    const run = 'runId' in of ? record.runs.get(of.runId) : undefined;
    switch (of.group) {
      case 'activeRuns':
        return this.runPage(record, record.runs.open(), from, of);
      case 'runDay':
        return this.runPage(
          record,
          (record.runs.ended().get(of.day) ?? []).map(({ id }) => id),
          from,
          of,
        );
      case 'agents':
        return run === undefined ? [] : agentRows(scene, record, run);
      case 'strayArtifacts':
        return run === undefined ? [] : strayArtifacts(scene, record, run);
      case 'events':
        return run === undefined
          ? []
          : page(scene, eventsOf(record, run), from, (one) => [eventRow(scene, record, one)], of);
      case 'needs':
      case 'dispatchDay':
      case 'taskDay':
      case 'subtasks':
      case 'planning':
      case 'portfolioDay':
      case 'children':
      case 'dependencies':
      case 'gate':
      case 'behind':
      case 'portfolioEvents':
        return [];
    }
  }

  private runPage(record: FolderRecord, ids: readonly string[], from: number, of: Paged): Row[] {
    const rows = (): Row[] => page(this.scene, ids, from, (id) => storedRunRow(this.scene, record, id), of);
    const unread = record.runs.unread(ids.slice(from, from + PAGE_SIZE));
    if (unread.length === 0) return rows();
    // The runs and their gates in one look at the database.
    return record.read(() => {
      record.runs.readAhead(unread);
      return rows();
    });
  }

  private runChildren(record: FolderRecord, run: Run): Row[] {
    return [...phaseRows(this.scene, record, run), ...runGroups(this.scene, record, run)];
  }

  private withRun(ref: { folder: string; runId: string }, rows: (record: FolderRecord, run: Run) => Row[]): Row[] {
    const record = recordOf(this.scene, ref.folder);
    const run = record?.isReadable === true ? record.runs.get(ref.runId) : undefined;
    if (record === undefined || run === undefined) return [];
    try {
      return rows(record, run);
    } catch (error) {
      // What another program stored below this run cannot be read: say so where it would have stood.
      if (!KernelError.is(error, 'ROW_INVALID')) throw error;
      return [invalidRunRow(this.scene, record, error.facts)];
    }
  }
}
