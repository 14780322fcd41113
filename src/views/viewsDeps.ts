/** What the views of a window are given, and what all of them share. */
import path from 'node:path';
import * as vscode from 'vscode';
import { runsInSession, type AgentKind } from '../contract/agentKinds';
import type { Git } from '../host/git/git';
import type { Log } from '../host/log';
import type { Disposable } from '../kernel/emitter';
import type { GateTier } from '../kernel/gate/model';
import { defined } from '../kernel/defined';
import type { Attention } from '../services/attention/attention';
import type { WorkspaceKernels } from '../services/record/kernels';
import type { PortfolioHome } from '../services/portfolio/home/home';
import type { AlteredFile } from '../contract/results/records';
import type { LogLocation } from '../services/dispatch/follow/logLocation';
import type { PortfolioLinks } from '../services/portfolio/snapshot/links';
import type { PortfolioRelays } from '../services/portfolio/relay/relays';
import { PortfolioSnapshots } from '../services/portfolio/snapshot/snapshots';
import type { DropHandler } from './trees/dependencyDrop';
import { Formats } from './rows/format';
import type { FolderRecord } from './projections/record/folderRecord';
import { requestsOfTasks } from './projections/needs';
import { PortfolioRecord } from './projections/record/portfolioRecord';
import type { ViewContext } from './projections/viewContext';
import { Words } from './projections/words';
import type { TaskView } from './trees/tasksTree';
import type { TranscriptsDeps } from './transcript/transcripts';

export interface ViewsDeps {
  readonly kernels: WorkspaceKernels;
  readonly log: Log;
  /** How strictly a folder's gates are judged. */
  gateTier(folder: string): GateTier;
  agentKinds(): readonly AgentKind[];
  /** Where a dispatch's output is. */
  logLocation(folder: string, dispatchId: string): Promise<LogLocation | undefined>;
  /** Which of a dispatch's files were changed since they were left. */
  alteredFiles(folder: string, dispatchId: string): Promise<readonly AlteredFile[]>;
  /** Fires when the tier or the agent kinds may differ. */
  onDidChangeSettings(listener: () => void): Disposable;
  /** From children to their portfolios, wherever those are. */
  readonly links: Pick<PortfolioLinks, 'upstreams' | 'onDidChange'>;
  readonly extensionUri: vscode.Uri;
  /** Of this workspace. */
  readonly memento: vscode.Memento;
  /** Puts a subtask before another of its task, or at the end. */
  reorder(folder: string, subtaskId: string, before: string | null): Promise<unknown>;
  readonly tasks: TaskView;
  readonly isQueuedHere: ViewContext['isQueuedHere'];
  /** Fires when something else is held, and when a countdown shows another minute. */
  readonly held: ViewContext['held'] & { onDidChange(listener: () => void): Disposable };
  readonly git: Git;
  /** What waits for a person. */
  readonly attention: Pick<Attention, 'items' | 'sessions' | 'onDidChange'>;
  /** Asks where to write a run's timeline to, and writes it. */
  exportTimeline(folder: string, runId: string): void;
  readonly transcripts: Pick<TranscriptsDeps, 'run' | 'showDiff'>;
  /** In a window on a workspace file. */
  readonly portfolio?: PortfolioView;
}

/** A window's portfolios, as far as views need them. */
export interface PortfolioView extends DropHandler {
  readonly home: PortfolioHome;
  readonly relays: PortfolioRelays;
  /** How strictly portfolios' gates are judged. */
  gateTier(): GateTier;
}

/** The portfolios of the window, as views read them. */
export function portfolioRecord(view: PortfolioView, log: Log): PortfolioRecord {
  const { home, relays } = view;
  return new PortfolioRecord({
    home,
    snapshots: new PortfolioSnapshots({ home, relays, log }),
    tier: () => view.gateTier(),
    trusted: () => vscode.workspace.isTrusted,
  });
}

/** What all views share. */
export function viewContext(
  deps: ViewsDeps,
  records: () => readonly FolderRecord[],
  portfolios: PortfolioRecord | undefined,
): ViewContext {
  const { l10n } = vscode;
  return {
    records,
    nameOf: (folder) => vscode.workspace.getWorkspaceFolder(vscode.Uri.file(folder))?.name ?? path.basename(folder),
    ...defined({ portfolios }),
    maxAttempts: (folder) => deps.tasks.maxAttempts(folder),
    leaderState: (folder) => deps.tasks.leaderState(folder),
    isQueuedHere: deps.isQueuedHere,
    held: deps.held,
    isElsewhere: (place) => deps.tasks.isElsewhere(place),
    unseen: (place) => deps.tasks.unseen(place),
    waitsForTurn: (subtaskId) => deps.tasks.waitsForTurn(subtaskId),
    sessions: () => deps.attention.sessions(),
    runsInSession: (kind) => deps.agentKinds().some((each) => each.name === kind && runsInSession(each)),
    requestOf: requestsOfTasks(() => deps.attention.items()),
    l10n,
    formats: new Formats(l10n, vscode.env.language),
    words: new Words(l10n),
  };
}
