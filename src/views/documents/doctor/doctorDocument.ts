/** The doctor's newest report: a page with what is not fine, and the whole of it as a read-only text to copy. */
import { inWords } from '../../../kernel/errors/reasons/fill';
import * as vscode from 'vscode';
import type { DoctorReport } from '../../../contract/results/doctor';
import { DOCTOR_SCHEME, DOCTOR_URI } from '../../../contract/pages/documents';
import type { ReportLine } from '../../../services/doctor/report';

const TEXT_URI = vscode.Uri.parse(DOCTOR_URI, true);
/** How long the status bar shows that the report was copied. */
const COPIED_MS = 4_000;

export class DoctorDocument implements vscode.TextDocumentContentProvider, vscode.CodeLensProvider {
  private readonly renewed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.renewed.event;
  private readonly lensesChanged = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.lensesChanged.event;
  private readonly registrations: readonly { dispose(): unknown }[];
  private report: DoctorReport | undefined;
  private panel: vscode.WebviewPanel | undefined;
  /** A reloaded window shows the document before the doctor has run. */
  private lines: readonly ReportLine[] = [{ text: vscode.l10n.t('The doctor has not run in this window yet.') }];

  constructor(private readonly extensionUri: vscode.Uri) {
    const selector = { scheme: DOCTOR_SCHEME };
    this.registrations = [
      vscode.workspace.registerTextDocumentContentProvider(DOCTOR_SCHEME, this),
      vscode.languages.registerCodeLensProvider(selector, this),
      // Called by the page only, so they are not in the manifest.
      vscode.commands.registerCommand('_intercore.doctor.showText', () => showText()),
      vscode.commands.registerCommand('_intercore.doctor.copyText', () => this.copyText()),
      this.renewed,
      this.lensesChanged,
    ];
  }

  async show(report: DoctorReport): Promise<void> {
    const { reportLines } = await import('../../../services/doctor/report.js');
    this.report = report;
    this.lines = reportLines(report, (template, facts) => inWords(vscode.l10n, template, facts));
    this.renewed.fire(TEXT_URI);
    this.lensesChanged.fire();
    await this.showPage(report);
  }

  provideTextDocumentContent(): string {
    return `${this.lines.map(({ text }) => text).join('\n')}\n`;
  }

  async provideCodeLenses(): Promise<vscode.CodeLens[]> {
    const { lensesOf } = await import('./doctorLenses.js');
    return lensesOf(this.lines, this.report);
  }

  dispose(): void {
    for (const registration of this.registrations) registration.dispose();
    this.panel?.dispose();
  }

  private async copyText(): Promise<void> {
    await vscode.env.clipboard.writeText(this.provideTextDocumentContent());
    vscode.window.setStatusBarMessage(vscode.l10n.t('The report was copied.'), COPIED_MS);
  }

  private async showPage(report: DoctorReport): Promise<void> {
    const { drawDoctorPage, openDoctorPanel } = await import('./doctorPanel.js');
    if (this.panel === undefined) {
      this.panel = openDoctorPanel(this.extensionUri);
      this.panel.onDidDispose(() => (this.panel = undefined));
    }
    drawDoctorPage(this.panel, this.extensionUri, report);
    this.panel.reveal();
  }
}

async function showText(): Promise<void> {
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(TEXT_URI), { preview: true });
}
