/** Commands on the timelines of runs. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/surfaces/commands';
import type { ExportFormat } from '../../contract/pages/timeline';
import { choose } from '../../window/dialogs/ask';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { pickRun } from '../shared/pickers';
import { chooseTextFile, writeTextFile } from '../shared/textFile';

const ENDINGS: Readonly<Record<ExportFormat, string>> = { svg: 'svg', markdown: 'md' };
const FILTERS: Readonly<Record<ExportFormat, Record<string, string[]>>> = {
  svg: { SVG: ['svg'] },
  markdown: { Markdown: ['md'] },
};

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
  const suggested = path.join(folder, `timeline-${run.id}.${ENDINGS[chosen]}`);
  const target = file ?? (await chooseTextFile(title, suggested, FILTERS[chosen]));
  const text = await deps.screen.timelineFile(folder, run.id, chosen);
  return await writeTextFile(folder, target, text);
}

async function pickFormat(title: string): Promise<ExportFormat> {
  const choices = [
    { label: 'SVG', description: vscode.l10n.t('image for any browser'), value: 'svg' as const },
    { label: 'Markdown', description: vscode.l10n.t('table of events and their causes'), value: 'markdown' as const },
  ];
  return await choose({ title, placeholder: vscode.l10n.t('Select a format') }, choices);
}
