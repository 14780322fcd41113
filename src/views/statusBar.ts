/** The one status bar item (design §9). */
import * as vscode from 'vscode';
import type { CommandId } from '../contract/commands';
import { STATUS_ITEM } from '../contract/views';
import type { Log } from '../host/log';
import { NextTurn } from './nextTurn';
import { statusSummary } from './projections/statusSummary';
import type { Scene } from './projections/scene';
import { tooltipMarkdown } from './render';

/** Left of most other extensions, right of the branch. */
const PRIORITY = 40;
const NEXT_STEPS: CommandId = 'intercore.run.next';

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
    const summary = statusSummary(this.scene, editorFolder());
    if (summary === undefined) {
      this.item.hide();
      return;
    }
    const { folder, runId } = summary;
    this.item.text = `$(${summary.icon}) ${withoutIcons(summary.text)}`;
    this.item.tooltip = tooltipMarkdown(summary.tooltip);
    this.item.accessibilityInformation = { label: summary.spoken };
    this.item.backgroundColor = summary.needsPerson
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined;
    const title = vscode.l10n.t('Show What Can Be Done Next');
    this.item.command = { command: NEXT_STEPS, title, arguments: [{ folder, runId }] };
    this.item.show();
  }
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
