/** The transcripts of dispatches: their panels. What draws them is loaded with the first. */
import * as vscode from 'vscode';
import type { AgentKind } from '../../contract/agentKinds';
import { TRANSCRIPT_PANEL } from '../../contract/pages/panels';
import { decodeSubject, encodeSubject } from '../../contract/pages/subject';
import type { TextDiff } from '../../contract/transcript';
import type { Log } from '../../host/log';
import type { LogLocation } from '../../services/dispatch/follow/logLocation';
import type { ViewContext } from '../projections/viewContext';
import { PagePanels } from '../webview/pagePanels';

export interface TranscriptsDeps {
  readonly extensionUri: vscode.Uri;
  readonly context: ViewContext;
  readonly log: Log;
  logLocation(folder: string, dispatchId: string): Promise<LogLocation | undefined>;
  agentKinds(): readonly AgentKind[];
  /** Runs a command of a dispatch as its row does. */
  run(command: 'exportTranscript' | 'showLog', folder: string, dispatchId: string): void;
  /** Opens a change in the diff editor. `name`: unique. */
  showDiff(name: string, diff: TextDiff): void;
}

export class Transcripts {
  private readonly panels: PagePanels;

  constructor(deps: TranscriptsDeps) {
    const { extensionUri, context, log } = deps;
    this.panels = new PagePanels({
      type: TRANSCRIPT_PANEL,
      log,
      title: () => vscode.l10n.t('Transcript'),
      open: async (text, panel) => {
        const { TranscriptPanel } = await import('./transcriptPanel.js');
        const { folder, id } = decodeSubject(text) ?? { folder: '', id: text };
        return new TranscriptPanel(panel, text, {
          extensionUri,
          context,
          log,
          folder,
          dispatchId: id,
          logLocation: () => deps.logLocation(folder, id),
          agentKinds: () => deps.agentKinds(),
          showDiff: (name, diff) => deps.showDiff(name, diff),
          showLog: () => deps.run('showLog', folder, id),
          export: () => deps.run('exportTranscript', folder, id),
        });
      },
    });
  }

  /** Opens the transcript of a dispatch, or brings its panel to the front. */
  show(folder: string, dispatchId: string): void {
    this.panels.show(encodeSubject(folder, dispatchId));
  }

  /** Notes that dispatches may differ. */
  changed(): void {
    this.panels.changed();
  }

  dispose(): void {
    this.panels.dispose();
  }
}
