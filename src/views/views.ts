/** All that shows the record: the trees, the status bar item and the read-only documents. */
import * as vscode from 'vscode';
import type { DoctorReport } from '../contract/results/doctor';
import type { AttentionTarget } from '../contract/results/attention';
import type { ExportFormat } from '../contract/pages/timeline';
import { VIEWS } from '../contract/views';
import type { Disposable } from '../kernel/emitter';
import type { GateTier, UpstreamRuns } from '../kernel/gate/model';
import type { Run } from '../kernel/run/record/model';
import { BoardPanels } from './board/boardPanels';
import { DoctorDocument } from './documents/doctor/doctorDocument';
import { GitDocuments } from './documents/gitDocuments';
import { LogDocuments } from './documents/logDocuments';
import { RecordDocuments } from './documents/recordDocuments';
import { GraphPanels } from './graph/graphPanels';
import { NeedsTree } from './trees/needsTree';
import { DeferredUpdate } from './rows/deferredUpdate';
import { PortfolioTree } from './trees/portfolioTree';
import { alteredFacts } from './projections/dispatch/dispatchRow';
import { DispatchesProjection } from './projections/dispatch/dispatches';
import { FolderRecord } from './projections/record/folderRecord';
import type { Needs } from './projections/needs';
import type { PortfolioRecord } from './projections/record/portfolioRecord';
import { RunsProjection } from './projections/run/runs';
import type { ViewContext } from './projections/viewContext';
import { WithUnreadableRows } from './projections/unreadableRows';
import type { RowRef } from './rows/row';
import { StatusBar } from './statusBar';
import { TasksTree } from './trees/tasksTree';
import { Timelines } from './timeline/timelines';
import { Transcripts } from './transcript/transcripts';
import { RecordTree } from './trees/tree';
import { portfolioRecord, viewContext, type ViewsDeps } from './viewsDeps';

export class Views {
  private readonly records = new Map<string, FolderRecord>();
  private readonly runs: RecordTree;
  private readonly dispatches: RecordTree;
  private readonly tasks: TasksTree;
  private readonly portfolio: PortfolioTree | undefined;
  private readonly graphs: GraphPanels | undefined;
  private readonly doctor: DoctorDocument;
  private readonly timelines: Timelines;
  private readonly transcripts: Transcripts;
  private readonly boards: BoardPanels;
  private readonly shown: readonly { changed(): void; dispose(): void }[];
  private readonly subscriptions: readonly Disposable[];

  constructor(private readonly deps: ViewsDeps) {
    const { kernels, log } = deps;
    for (const kernel of kernels.all()) this.addRecord(kernel.folder);
    const portfolios = deps.portfolio && portfolioRecord(deps.portfolio, log);
    const context = viewContext(deps, () => [...this.records.values()], portfolios);
    this.runs = new RecordTree(
      VIEWS.runs,
      new WithUnreadableRows(context, new RunsProjection(context), ['runs']),
      log.scope('runs'),
    );
    this.dispatches = new RecordTree(
      VIEWS.dispatches,
      new WithUnreadableRows(context, new DispatchesProjection(context), ['dispatches', 'queued_dispatches']),
      log.scope('dispatches'),
      undefined,
      async (ref) =>
        ref.kind === 'dispatch' ? alteredFacts(context, await deps.alteredFiles(ref.folder, ref.dispatchId)) : [],
    );
    this.portfolio = deps.portfolio && portfolios && new PortfolioTree(context, portfolios, log, deps.portfolio);
    this.graphs = portfolios && this.graphPanels(context, portfolios);
    this.timelines = new Timelines({
      context,
      extensionUri: deps.extensionUri,
      log: log.scope('timeline'),
      export: deps.exportTimeline.bind(deps),
    });
    const { extensionUri, memento } = deps;
    this.transcripts = new Transcripts({
      ...deps.transcripts,
      context,
      extensionUri,
      log: log.scope('transcript'),
      logLocation: deps.logLocation.bind(deps),
      agentKinds: deps.agentKinds.bind(deps),
    });
    this.doctor = new DoctorDocument(extensionUri);
    const reorder = deps.reorder.bind(deps);
    this.boards = new BoardPanels({ extensionUri, memento, reorder, context, log: log.scope('board') });
    const logs = new LogDocuments({
      context,
      log: log.scope('logs'),
      logLocation: deps.logLocation.bind(deps),
      alteredFiles: deps.alteredFiles.bind(deps),
      agentKinds: deps.agentKinds.bind(deps),
    });
    this.tasks = new TasksTree(context, log, deps.tasks);
    const needs: Needs = () => deps.attention.items();
    const waiting = [new NeedsTree(context, needs, log), new StatusBar(context, needs, log)];
    const headers = new DeferredUpdate(log, 'headers', () => this.drawHeaders());
    const formats = new DeferredUpdate(log, 'formats', () => context.formats.prepare());
    formats.schedule();
    this.shown = [
      this.runs,
      this.dispatches,
      ...(this.portfolio === undefined ? [] : [this.portfolio]),
      ...(this.graphs === undefined ? [] : [this.graphs]),
      ...waiting,
      this.tasks,
      this.timelines,
      this.transcripts,
      this.boards,
      new RecordDocuments(context, log),
      new GitDocuments(context, deps.git),
      logs,
      { changed: () => headers.schedule(), dispose: () => headers.dispose() },
    ];
    this.subscriptions = [
      this.doctor,
      formats,
      kernels.onDidChange(({ kernel, change }) => {
        this.records.get(kernel.folder)?.note(change);
        this.changed();
      }),
      kernels.onDidChangeState(({ kernel }) => this.forget([kernel.folder])),
      kernels.onDidChangeFolders(({ added, removed }) => {
        for (const { folder } of removed) this.records.delete(folder);
        for (const { folder } of added) this.addRecord(folder);
        this.changed();
      }),
      deps.attention.onDidChange(() => {
        for (const one of [this.dispatches, this.tasks, this.boards, ...waiting]) one.changed();
      }),
      deps.held.onDidChange(() => {
        for (const one of [this.dispatches, this.tasks, this.boards, ...waiting]) one.changed();
      }),
      deps.tasks.onDidChange(() => {
        for (const one of [this.tasks, this.boards]) one.changed();
      }),
      deps.onDidChangeSettings(() => this.forget([...this.records.keys()])),
      deps.links.onDidChange(() => {
        for (const record of this.records.values()) record.forgetUpstreams();
        this.changed();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.changed()),
      ...(portfolios === undefined
        ? []
        : [portfolios.snapshots.onDidChange(() => this.changed()), portfolios.snapshots]),
    ];
    headers.schedule();
  }

  /** Selects a run in its view; shows nothing where the record has no such run. */
  async revealRun(folder: string, runId: string): Promise<void> {
    await this.runs.reveal((ref) => ref.kind === 'run' && ref.folder === folder && ref.runId === runId);
  }

  showDoctorReport(report: DoctorReport): Promise<void> {
    return this.doctor.show(report);
  }

  /** Selects a dispatch, also one that waits in the queue. */
  async revealDispatch(folder: string, dispatchId: string): Promise<void> {
    await this.dispatches.reveal(
      (ref) =>
        (ref.kind === 'dispatch' || ref.kind === 'queued') && ref.folder === folder && ref.dispatchId === dispatchId,
    );
  }

  /** Selects a portfolio in its view; shows nothing where there is no such one. */
  async revealPortfolio(portfolioId: string): Promise<void> {
    await this.portfolio?.revealPortfolio(portfolioId);
  }

  /** Selects the row that something waiting for a person is about and takes the focus there; false where there is none. */
  async revealPlace(folder: string, place: AttentionTarget): Promise<boolean> {
    const isWanted = (ref: RowRef): boolean => isPlace(ref, folder, place);
    switch (place.kind) {
      case 'folder':
      case 'run':
        return await this.runs.reveal(isWanted, true);
      case 'portfolio':
        return (await this.portfolio?.revealPortfolio(place.portfolioId, true)) ?? false;
      case 'portfolios':
        await vscode.commands.executeCommand(`${VIEWS.portfolio}.focus`);
        return true;
      case 'dispatch':
      case 'queued':
        return await this.dispatches.reveal(isWanted, true);
      case 'project':
        return await this.tasks.reveal((ref) => isWanted(ref) || (ref.kind === 'task' && ref.folder === folder));
      case 'task':
      case 'subtask':
        return await this.tasks.reveal(isWanted);
    }
  }

  showTimeline(folder: string, runId: string): void {
    this.timelines.show(folder, runId);
  }

  timelineFile(folder: string, runId: string, format: ExportFormat): Promise<string> {
    return this.timelines.file(folder, runId, format);
  }

  showTranscript(folder: string, dispatchId: string): void {
    this.transcripts.show(folder, dispatchId);
  }

  /** Opens the graph of a portfolio's dependencies. */
  showGraph(portfolioId: string): void {
    this.graphs?.show(portfolioId);
  }

  /** Opens the board of a folder. */
  showBoard(folder: string): void {
    this.boards.show(folder);
  }

  dispose(): void {
    for (const one of [...this.subscriptions, ...this.shown]) one.dispose();
  }

  private addRecord(folder: string): void {
    const source = this.deps.kernels.get(folder);
    if (source === undefined) return;
    const tier = (): GateTier => this.deps.gateTier(folder);
    const upstreams = (run: Run): UpstreamRuns | undefined => this.deps.links.upstreams(run);
    this.records.set(folder, new FolderRecord(source, tier, () => vscode.workspace.isTrusted, upstreams));
  }

  private graphPanels(context: ViewContext, { snapshots }: PortfolioRecord): GraphPanels {
    const { extensionUri, log } = this.deps;
    return new GraphPanels({
      extensionUri,
      context,
      snapshots,
      log: log.scope('graph'),
      reveal: async (portfolioId, projectDir) => await this.portfolio?.revealChild(portfolioId, projectDir),
    });
  }

  private forget(folders: readonly string[]): void {
    for (const folder of folders) this.records.get(folder)?.forget();
    this.changed();
  }

  private changed(): void {
    for (const one of this.shown) one.changed();
  }

  /** What belongs beside a view's title: that a lone folder is read-only, how many dispatches run. */
  private drawHeaders(): void {
    const records = [...this.records.values()];
    const only = records.length === 1 ? records[0] : undefined;
    const { view } = this.runs;
    view.description = only?.source.state.kind === 'readOnly' ? vscode.l10n.t('read-only') : '';
    const readable = records.filter((record) => record.isReadable);
    const live = readable.reduce((sum, record) => sum + record.dispatches.openCount, 0);
    // No badge: the number on the container's icon is what needs a person.
    this.dispatches.view.description = live === 0 ? '' : vscode.l10n.t('{0} running', live);
  }
}

/** Whether a row is the one that a place names, by the ids that both have. */
function isPlace(ref: RowRef, folder: string, place: AttentionTarget): boolean {
  const wanted = Object.entries({ ...place, folder });
  return wanted.every(([name, value]) => Object.entries(ref).some(([known, held]) => known === name && held === value));
}
