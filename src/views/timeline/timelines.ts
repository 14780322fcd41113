/** The timelines of runs: their panels, and as files. What draws them is loaded with the first. */
import * as vscode from 'vscode';
import { TIMELINE_PANEL } from '../../contract/pages/panels';
import { decodeSubject, encodeSubject } from '../../contract/pages/subject';
import type { ExportFormat } from '../../contract/pages/timeline';
import type { Log } from '../../host/log';
import type { ViewContext } from '../projections/viewContext';
import { PagePanels } from '../webview/pagePanels';
import type { TimelineReader } from './timelineReader';

export interface TimelinesDeps {
  readonly extensionUri: vscode.Uri;
  readonly context: ViewContext;
  readonly log: Log;
  /** Asks for a format and a path, and writes the file. */
  export(folder: string, runId: string): void;
}

export class Timelines {
  private readonly panels: PagePanels;
  private reader: TimelineReader | undefined;

  constructor(private readonly deps: TimelinesDeps) {
    const { extensionUri, log } = deps;
    this.panels = new PagePanels({
      type: TIMELINE_PANEL,
      log,
      title: () => vscode.l10n.t('Timeline of the run'),
      open: async (text, panel) => {
        const { TimelinePanel } = await import('./timelinePanel.js');
        const reader = await this.loadReader();
        const { folder, id } = decodeSubject(text) ?? { folder: '', id: text };
        const subject = { folder, runId: id };
        return new TimelinePanel(panel, text, {
          extensionUri,
          log,
          picture: () => reader.pictureOf(subject),
          explain: (item) => reader.explain(subject, item),
          open: (item) => reader.open(subject, item),
          export: () => deps.export(subject.folder, subject.runId),
        });
      },
    });
  }

  /** Opens the timeline of a run, or brings its panel to the front. */
  show(folder: string, runId: string): void {
    this.panels.show(encodeSubject(folder, runId));
  }

  /**
   * The timeline as the text of a file.
   * @throws KernelError `NOT_FOUND`
   */
  async file(folder: string, runId: string, format: ExportFormat): Promise<string> {
    return (await this.loadReader()).file(folder, runId, format);
  }

  /** Notes that runs may differ. Hidden panels do no work. */
  changed(): void {
    this.reader?.changed();
    this.panels.changed();
  }

  dispose(): void {
    this.panels.dispose();
  }

  private async loadReader(): Promise<TimelineReader> {
    const { TimelineReader: Reader } = await import('./timelineReader.js');
    return (this.reader ??= new Reader(this.deps));
  }
}
