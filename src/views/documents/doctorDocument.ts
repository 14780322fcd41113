/** The doctor's newest report as a read-only document, with a line to press above each finding that can be fixed. */
import * as vscode from 'vscode';
import type { DoctorReport } from '../../contract/results/doctor';
import { DOCTOR_SCHEME, DOCTOR_URI } from '../../contract/pages/documents';
import type { ReportLine } from '../../services/doctor/report';

export class DoctorDocument implements vscode.TextDocumentContentProvider, vscode.CodeLensProvider {
  private readonly renewed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.renewed.event;
  private readonly lensesChanged = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.lensesChanged.event;
  private readonly registrations: readonly { dispose(): unknown }[];
  private report: DoctorReport | undefined;
  /** A reloaded window shows the document before the doctor has run. */
  private lines: readonly ReportLine[] = [{ text: vscode.l10n.t('The doctor has not run in this window yet.') }];

  constructor() {
    const selector = { scheme: DOCTOR_SCHEME };
    this.registrations = [
      vscode.workspace.registerTextDocumentContentProvider(DOCTOR_SCHEME, this),
      vscode.languages.registerCodeLensProvider(selector, this),
      this.renewed,
      this.lensesChanged,
    ];
  }

  async show(report: DoctorReport): Promise<void> {
    const { reportLines } = await import('../../services/doctor/report.js');
    this.report = report;
    this.lines = reportLines(report, (template, facts) => vscode.l10n.t(template, facts));
    const uri = vscode.Uri.parse(DOCTOR_URI, true);
    this.renewed.fire(uri);
    this.lensesChanged.fire();
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
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
  }
}
