/** The dependencies of command handlers: the operations, and the screen of the views, which handlers must not import. */
import type { AttentionTarget } from '../../contract/results/attention';
import type { IntercoreApi } from '../../contract/surfaces/api';
import type { DoctorReport } from '../../contract/results/doctor';
import type { ExportFormat } from '../../contract/pages/timeline';
import type { Log } from '../../host/log';
import type { EditorServices } from '../../window/editorServices';
import type { Attention } from '../../services/attention/attention';
import type { HeldAccounts } from '../../services/dispatch/context/heldAccounts';
import type { OperationHost } from '../../services/operations/host';

/** Moves the eye to a row. `extension.ts` gives it the views. */
export interface Screen {
  revealRun(folder: string, runId: string): PromiseLike<void>;
  revealDispatch(folder: string, dispatchId: string): PromiseLike<void>;
  revealPortfolio(portfolioId: string): PromiseLike<void>;
  /** Takes the focus to the row that something waiting for a person is about; false where there is none. */
  revealPlace(folder: string, place: AttentionTarget): PromiseLike<boolean>;
  /** Opens the timeline of a run. */
  showTimeline(folder: string, runId: string): void;
  /** The timeline of a run as the text of a file. Throws KernelError `NOT_FOUND`. */
  timelineFile(folder: string, runId: string, format: ExportFormat): PromiseLike<string>;
  /** Opens the transcript of a dispatch. */
  showTranscript(folder: string, dispatchId: string): void;
  /** Opens the graph of a portfolio's dependencies. */
  showGraph(portfolioId: string): void;
  showDoctorReport(report: DoctorReport): PromiseLike<void>;
  /** Opens the board of a folder. */
  showBoard(folder: string): void;
}

export interface CommandDeps {
  readonly api: IntercoreApi;
  readonly host: OperationHost;
  readonly screen: Screen;
  readonly attention: Pick<Attention, 'items'>;
  /** Accounts of agents that a limit holds. */
  readonly held: HeldAccounts;
  readonly log: Log;
  /** What the editor gives the window. */
  readonly services: EditorServices;
  showLog(): void;
  showWalkthrough(): Promise<void>;
}
