/** The one status bar item. */
import * as vscode from 'vscode';
import type { AttentionItem } from '../contract/results/attention';
import type { CommandId } from '../contract/surfaces/commands';
import { STATUS_ITEM, VIEWS } from '../contract/views';
import type { Log } from '../host/log';
import { DeferredUpdate } from './rows/deferredUpdate';
import { countdown, waitingFacts, waitingFor, waitingWord, type Waiting } from './projections/heldWords';
import { countWords, headingOf, type Needs } from './projections/needs';
import { portfolioSummary, type PortfolioSummary } from './projections/portfolio/portfolioSummary';
import type { ViewContext } from './projections/viewContext';
import { statusSummary, type StatusSummary } from './projections/run/statusSummary';
import { tooltipMarkdown } from './rows/render';

/** Left of most other extensions, right of the branch. */
const PRIORITY = 40;
const NEXT_STEPS: CommandId = 'intercore.run.next';
const SHOW_NEEDS: CommandId = 'intercore.attention.show';
const SHOW_DISPATCHES = `${VIEWS.dispatches}.focus`;
/** Of a tooltip. */
const MOST_LINES = 10;
const REVEAL_PORTFOLIO: CommandId = 'intercore.portfolio.reveal';

export class StatusBar {
  private readonly item = vscode.window.createStatusBarItem(STATUS_ITEM, vscode.StatusBarAlignment.Left, PRIORITY);
  private readonly editors: vscode.Disposable;
  private readonly drawing: DeferredUpdate;

  constructor(
    private readonly context: ViewContext,
    private readonly needs: Needs,
    log: Log,
  ) {
    this.drawing = new DeferredUpdate(log, STATUS_ITEM, () => this.draw());
    this.item.name = vscode.l10n.t('Intercore Run');
    this.editors = vscode.window.onDidChangeActiveTextEditor(() => this.changed());
    this.changed();
  }

  /** Notes that the record changed. */
  changed(): void {
    this.drawing.schedule();
  }

  dispose(): void {
    this.drawing.dispose();
    this.editors.dispose();
    this.item.dispose();
  }

  private draw(): void {
    const { item } = this;
    const summary = portfolioSummary(this.context) ?? statusSummary(this.context, editorFolder());
    const waiting = this.needs();
    const paused = pausedWords(this.context);
    if (summary === undefined && waiting.length === 0 && paused === undefined) {
      item.hide();
      return;
    }
    const words = waiting.length === 0 ? undefined : countWords(this.context, waiting.length);
    const needs = words && `$(bell-dot) ${words}`;
    const held = heldBy(this.context, waiting);
    const limits = held.map((each) => `$(watch) ${withoutIcons(countdown(this.context, each))}`);
    const parts = [
      summary && `$(${summary.icon}) ${withoutIcons(summary.text)}`,
      ...limits,
      paused && `$(debug-pause) ${paused}`,
      needs,
    ];
    item.text = parts.filter((part) => part !== undefined).join(' ');
    const tooltip = summary?.tooltip ?? { title: words ?? paused ?? '', facts: headings(this.context, waiting) };
    const heldFacts = held.flatMap((each) => waitingFacts(this.context, each));
    item.tooltip = tooltipMarkdown({ ...tooltip, facts: [...tooltip.facts, ...heldFacts] });
    item.accessibilityInformation = {
      label: [summary?.spoken, ...held.map((each) => waitingWord(this.context, each)), paused, words]
        .filter((part) => part !== undefined)
        .join(', '),
    };
    const isBlocked = summary?.needsPerson === true || waiting.some(({ severity }) => severity === 'blocking');
    item.backgroundColor = isBlocked ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    item.command = commandOf(summary, waiting.length > 0);
    item.show();
  }
}

/** The next steps of the run, which start with what waits; elsewhere what waits comes before the portfolio. */
function commandOf(summary: PortfolioSummary | StatusSummary | undefined, isWaiting: boolean): vscode.Command {
  if (summary !== undefined && 'runId' in summary) {
    const { folder, runId } = summary;
    const title = vscode.l10n.t('Show Next Steps');
    return { command: NEXT_STEPS, title, arguments: [{ folder, runId }] };
  }
  if (isWaiting) return { command: SHOW_NEEDS, title: vscode.l10n.t('Show Needs You') };
  if (summary === undefined) return { command: SHOW_DISPATCHES, title: vscode.l10n.t('Show Dispatches') };
  const { portfolioId } = summary;
  return { command: REVEAL_PORTFOLIO, title: vscode.l10n.t('Show the Portfolio'), arguments: [{ portfolioId }] };
}

/** Accounts that a limit holds and that work in this window waits for. */
function heldBy(context: ViewContext, needs: readonly AttentionItem[]): Waiting[] {
  const kinds = needs.flatMap(({ action }) => action.args.agentKind ?? []);
  return [...new Set(kinds)].flatMap((kind) => waitingFor(context, kind) ?? []);
}

/** How many agents are paused, or will be after their turn. */
function pausedWords({ l10n, sessions }: ViewContext): string | undefined {
  const paused = [...sessions().values()].filter(({ pause }) => pause !== 'none').length;
  return paused === 0 ? undefined : l10n.t('{0} paused', paused);
}

/** What waits, line by line. */
function headings(context: ViewContext, waiting: readonly AttentionItem[]): [string, string][] {
  return waiting.slice(0, MOST_LINES).map((item) => [headingOf(context, item), item.title]);
}

/** Escapes codicon syntax: any program may have named the phases. */
function withoutIcons(text: string): string {
  return text.replaceAll('$(', '\\$(');
}

function editorFolder(): string | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  if (uri?.scheme !== 'file') return undefined;
  return vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
}
