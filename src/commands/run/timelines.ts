/** Commands on the timelines of runs. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/surfaces/commands';
import type { ExportFormat } from '../../contract/pages/timeline';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { foreignText } from '../../kernel/errors/problem';
import { choose, Dismissed } from '../../window/dialogs/ask';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { pickRun } from '../shared/pickers';

const ENDINGS: Readonly<Record<ExportFormat, string>> = { svg: 'svg', markdown: 'md' };

export function timelineCommands(deps: CommandDeps): HandlersOf<'timeline'> {
  return {
    'intercore.timeline.show': async (args) => {
      const title = vscode.l10n.t('Show Run Timeline');
      const { folder, run } = await pickRun(deps, args, { title, action: 'show the timeline of' });
      deps.screen.showTimeline(folder, run.id);
      return run.id;
    },
    'intercore.timeline.export': (args) => exportTimeline(deps, args),
  };
}

/** Gives the path of the file that was written. */
async function exportTimeline(
  deps: CommandDeps,
  { file, format, ...where }: CommandArgs<'intercore.timeline.export'>,
): Promise<string> {
  const title = vscode.l10n.t('Export Run Timeline');
  const { folder, run } = await pickRun(deps, where, { title, action: 'export the timeline of' });
  const chosen = format ?? (await pickFormat(title));
  const target = file ?? (await chooseFile(title, path.join(folder, `timeline-${run.id}.${ENDINGS[chosen]}`), chosen));
  const text = await deps.screen.timelineFile(folder, run.id, chosen);
  const uri = vscode.Uri.file(path.resolve(folder, target));
  try {
    await vscode.workspace.fs.writeFile(uri, Buffer.from(text, 'utf8'));
  } catch (error) {
    throw new KernelError('FILE_UNWRITABLE', { path: uri.fsPath, problem: foreignText(problemOf(error)) });
  }
  return uri.fsPath;
}

async function pickFormat(title: string): Promise<ExportFormat> {
  const choices = [
    { label: 'SVG', description: vscode.l10n.t('image for any browser'), value: 'svg' as const },
    { label: 'Markdown', description: vscode.l10n.t('table of events and their causes'), value: 'markdown' as const },
  ];
  return await choose({ title, placeholder: vscode.l10n.t('Select a format') }, choices);
}

async function chooseFile(title: string, suggested: string, format: ExportFormat): Promise<string> {
  const filters = format === 'svg' ? { SVG: ['svg'] } : { Markdown: ['md'] };
  const uri = await vscode.window.showSaveDialog({ title, filters, defaultUri: vscode.Uri.file(suggested) });
  if (uri === undefined) throw new Dismissed();
  return uri.fsPath;
}
