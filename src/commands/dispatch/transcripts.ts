/** Commands on the transcripts of dispatches. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { Dispatch } from '../../kernel/dispatch/model';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { foreignText } from '../../kernel/errors/problem';
import { inTurns } from '../../host/turns';
import { markdownFile, withTranscript } from '../../services/dispatch/follow/dispatchTranscript';
import { ownLog } from '../../services/dispatch/follow/logLocation';
import { kernelOf } from '../../services/operations/host';
import { Dismissed } from '../../window/dialogs/ask';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { pickDispatch } from '../shared/pickers';

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
      const target = file ?? (await chooseFile(title, path.join(folder, `transcript-${dispatch.id}.md`)));
      const text = await markdownOf(deps, folder, dispatch);
      const uri = vscode.Uri.file(path.resolve(folder, target));
      try {
        await vscode.workspace.fs.writeFile(uri, Buffer.from(text, 'utf8'));
      } catch (error) {
        throw new KernelError('FILE_UNWRITABLE', { path: uri.fsPath, problem: foreignText(problemOf(error)) });
      }
      return uri.fsPath;
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

async function chooseFile(title: string, suggested: string): Promise<string> {
  const defaultUri = vscode.Uri.file(suggested);
  const uri = await vscode.window.showSaveDialog({ title, filters: { Markdown: ['md'] }, defaultUri });
  if (uri === undefined) throw new Dismissed();
  return uri.fsPath;
}
