/** Commands on the transcripts of dispatches. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { Dispatch } from '../../kernel/dispatch/model';
import { inTurns } from '../../host/turns';
import { markdownFile, withTranscript } from '../../services/dispatch/follow/dispatchTranscript';
import { ownLog } from '../../services/dispatch/follow/logLocation';
import { kernelOf } from '../../services/operations/host';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { pickDispatch } from '../shared/pickers';
import { chooseTextFile, writeTextFile } from '../shared/textFile';

type TranscriptCommand = 'intercore.dispatch.exportTranscript' | 'intercore.dispatch.showTranscript';

export function transcriptCommands(deps: CommandDeps): Pick<HandlersOf<'dispatch'>, TranscriptCommand> {
  return {
    'intercore.dispatch.showTranscript': async (args) => {
      const title = vscode.l10n.t('Show Transcript');
      const { folder, dispatch } = await pickDispatch(deps, args, { title, action: 'show the transcript of' });
      deps.screen.showTranscript(folder, dispatch.id);
      return dispatch.id;
    },
    /** Gives the path of the file that was written. */
    'intercore.dispatch.exportTranscript': async ({ file, ...where }) => {
      const title = vscode.l10n.t('Export Transcript');
      const { folder, dispatch } = await pickDispatch(deps, where, { title, action: 'export the transcript of' });
      const suggested = path.join(folder, `transcript-${dispatch.id}.md`);
      const target = file ?? (await chooseTextFile(title, suggested, { Markdown: ['md'] }));
      const text = await markdownOf(deps, folder, dispatch);
      return await writeTextFile(folder, target, text);
    },
  };
}

async function markdownOf({ host }: CommandDeps, folder: string, dispatch: Dispatch): Promise<string> {
  const { dispatcher } = host;
  const kernel = await kernelOf(host, { folder }, 'export the transcript');
  const file = ownLog(await dispatcher.logLocation(kernel, dispatch.id));
  return await withTranscript(dispatch, file, dispatcher.kinds(), (transcript) =>
    inTurns(markdownFile(dispatch, transcript)),
  );
}
