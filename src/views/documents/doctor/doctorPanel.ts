/** The panel of the doctor's page. Loaded when a report is shown. */
import { inWords } from '../../../kernel/errors/reasons/fill';
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { PAGE_SHEETS } from '../../../contract/pages/page';
import type { DoctorReport } from '../../../contract/results/doctor';
import { pageHtml } from '../../webview/pageHtml';
import { titleOf } from './doctorLenses';
import { DOCTOR_PAGE_COMMANDS, doctorPage } from './doctorPage';

/** Runs no script; its links may call these commands only. */
export function openDoctorPanel(extensionUri: vscode.Uri): vscode.WebviewPanel {
  return vscode.window.createWebviewPanel('intercore.doctor', panelTitle(), vscode.ViewColumn.Active, {
    enableCommandUris: Object.values(DOCTOR_PAGE_COMMANDS),
    enableFindWidget: true,
    localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'media')],
  });
}

export function drawDoctorPage({ webview }: vscode.WebviewPanel, extensionUri: vscode.Uri, report: DoctorReport): void {
  const texts = {
    runAgain: vscode.l10n.t('Run Again'),
    copyText: vscode.l10n.t('Copy Report'),
    showText: vscode.l10n.t('Show as Text'),
    allFine: vscode.l10n.t('No problems were found.'),
    fixOf: ({ fix }: DoctorReport['findings'][number]) => (fix === null ? undefined : titleOf(fix)),
  };
  webview.html = pageHtml({
    title: panelTitle(),
    subject: 'doctor',
    language: vscode.env.language,
    body: doctorPage(report, texts, (template, facts) => inWords(vscode.l10n, template, facts)),
    nonce: randomBytes(16).toString('base64url'),
    cspSource: webview.cspSource,
    styles: PAGE_SHEETS.doctor.map((sheet) =>
      webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'media', `${sheet}.css`)).toString(),
    ),
  });
}

function panelTitle(): string {
  return vscode.l10n.t('Intercore Doctor');
}
