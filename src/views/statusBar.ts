/** The one status bar item (design §9). */
import * as vscode from 'vscode';
import type { CommandId } from '../contract/commands';
import { STATUS_ITEM } from '../contract/views';
import type { Log } from '../host/log';
import { NextTurn } from './nextTurn';
import { portfolioSummary, type PortfolioSummary } from './projections/portfolioSummary';
import type { Scene } from './projections/scene';
import { statusSummary, type StatusSummary } from './projections/statusSummary';
import { tooltipMarkdown } from './render';

/** Left of most other extensions, right of the branch. */
const PRIORITY = 40;
const NEXT_STEPS: CommandId = 'intercore.run.next';
const REVEAL_PORTFOLIO: CommandId = 'intercore.portfolio.reveal';

export class StatusBar {
  private readonly item = vscode.window.createStatusBarItem(STATUS_ITEM, vscode.StatusBarAlignment.Left, PRIORITY);
  private readonly editors: vscode.Disposable;
  private readonly drawing: NextTurn;

  constructor(
    private readonly scene: Scene,
    log: Log,
  ) {
    this.drawing = new NextTurn(log, STATUS_ITEM, () => this.draw());
    this.item.name = vscode.l10n.t('Intercore Run');
    this.editors = vscode.window.onDidChangeActiveTextEditor(() => this.changed());
    this.changed();
  }

  /** Says that the record changed. */
  changed(): void {
    this.drawing.schedule();
  }

  dispose(): void {
    this.drawing.dispose();
    this.editors.dispose();
    this.item.dispose();
  }

  private draw(): void {
    const summary = portfolioSummary(this.scene) ?? statusSummary(this.scene, editorFolder());
    if (summary === undefined) {
      this.item.hide();
      return;
    }
    this.item.text = `$(${summary.icon}) ${withoutIcons(summary.text)}`;
    this.item.tooltip = tooltipMarkdown(summary.tooltip);
    this.item.accessibilityInformation = { label: summary.spoken };
    this.item.backgroundColor = summary.needsPerson
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined;
    this.item.command = commandOf(summary);
    this.item.show();
  }
}

function commandOf(summary: PortfolioSummary | StatusSummary): vscode.Command {
  if ('portfolioId' in summary) {
    const { portfolioId } = summary;
    return { command: REVEAL_PORTFOLIO, title: vscode.l10n.t('Show the Portfolio'), arguments: [{ portfolioId }] };
  }
  const { folder, runId } = summary;
  const title = vscode.l10n.t('Show What Can Be Done Next');
  return { command: NEXT_STEPS, title, arguments: [{ folder, runId }] };
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
