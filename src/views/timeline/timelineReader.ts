/** Reads the timelines of runs for their panels and files, and keeps what was read until the record changes. */
import path from 'node:path';
import * as vscode from 'vscode';
import { documentUri } from '../../contract/pages/documents';
import { encodeSubject } from '../../contract/pages/subject';
import type { ExportFormat, TimelinePicture } from '../../contract/pages/timeline';
import type { Log } from '../../host/log';
import { inTurns, type Steps } from '../../host/turns';
import { isKernelError, KernelError, problemOf } from '../../kernel/errors/errors';
import { insideFolder } from '../../services/operations/run/projectPath';
import { explain } from '../projections/folderRow';
import type { FolderRecord } from '../projections/record/folderRecord';
import { recordOf, type ViewContext } from '../projections/viewContext';
import { timelineFacts, type TimelineFacts } from './facts';
import { emptyTimeline, timelinePicture } from './picture';
import { timelineMarkdown, timelineSvg } from './exportedFiles';
import { explainItem, opensOf } from './why';

export interface Subject {
  readonly folder: string;
  readonly runId: string;
}

interface Reading {
  readonly record: FolderRecord;
  readonly facts: TimelineFacts;
  readonly picture: TimelinePicture;
}

export class TimelineReader {
  /** What was read since the last change, by subject: pointing at something reads nothing again. */
  private readonly readings = new Map<string, Promise<Reading>>();

  constructor(private readonly deps: { readonly context: ViewContext; readonly log: Log }) {}

  /** Notes that runs may differ. */
  changed(): void {
    this.readings.clear();
  }

  /**
   * The timeline as the text of a file.
   * @throws KernelError `NOT_FOUND`
   */
  async file(folder: string, runId: string, format: ExportFormat): Promise<string> {
    const { context } = this.deps;
    const { record, facts, picture } = await this.read({ folder, runId });
    switch (format) {
      case 'svg':
        return inTurns(timelineSvg(picture, (at) => context.formats.moment(at), vscode.env.language));
      case 'markdown':
        return inTurns(timelineMarkdown(context, picture, (item) => explainItem(context, record, facts, item)));
    }
  }

  async pictureOf(subject: Subject): Promise<TimelinePicture> {
    const { context } = this.deps;
    try {
      return (await this.read(subject)).picture;
    } catch (error) {
      if (!isKernelError(error)) throw error;
      if (error.code === 'DATABASE_LOADING') return emptyTimeline(context.l10n.t('Reading the run…'), '', 'info');
      return emptyTimeline(context.l10n.t('The run cannot be shown'), explain(context.l10n, error), 'warning');
    }
  }

  private read(subject: Subject): Promise<Reading> {
    const key = encodeSubject(subject.folder, subject.runId);
    const known = this.readings.get(key);
    if (known !== undefined) return known;
    const reading = inTurns(this.readingOf(subject));
    this.readings.set(key, reading);
    reading.catch(() => {
      if (this.readings.get(key) === reading) this.readings.delete(key);
    });
    return reading;
  }

  private *readingOf({ folder, runId }: Subject): Steps<Reading> {
    const { context } = this.deps;
    const record = recordOf(context, folder);
    if (record === undefined) throw new KernelError('NOT_FOUND', { what: 'folder', id: folder });
    const { state } = record.source;
    if (state.kind === 'failed') throw state.error;
    const run = record.isReadable ? record.runs.get(runId) : undefined;
    if (state.kind === 'loading') throw new KernelError('DATABASE_LOADING', { path: folder });
    if (run === undefined) throw new KernelError('NOT_FOUND', { what: 'run', id: runId });
    const now = Math.floor(Date.now() / 1000);
    const facts = yield* timelineFacts((work) => record.read(work), run, now);
    return { record, facts, picture: yield* timelinePicture(context, facts) };
  }

  async explain(subject: Subject, itemId: string): Promise<{ title: string; lines: string[] } | undefined> {
    const { context, log } = this.deps;
    try {
      const { record, facts, picture } = await this.read(subject);
      const item = picture.items.find(({ id }) => id === itemId);
      return item && { title: item.spoken, lines: explainItem(context, record, facts, item) };
    } catch (error) {
      log.warn('a part of a timeline was not explained', { problem: problemOf(error) });
      return undefined;
    }
  }

  open(subject: Subject, itemId: string): void {
    const { log } = this.deps;
    void this.openThere(subject, itemId).then(undefined, (error: unknown) => {
      log.warn('a part of a timeline was not opened', { problem: problemOf(error) });
    });
  }

  private async openThere(subject: Subject, itemId: string): Promise<void> {
    const { facts } = await this.read(subject);
    const opens = opensOf(subject.folder, facts, itemId);
    if (opens === undefined) return;
    const uri =
      'document' in opens
        ? vscode.Uri.parse(documentUri(opens.document), true)
        : vscode.Uri.file(path.join(facts.run.projectDir, insideFolder(facts.run.projectDir, opens.file)));
    await vscode.window.showTextDocument(uri, { preview: true, viewColumn: vscode.ViewColumn.Beside });
  }
}
