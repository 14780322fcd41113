/** The location of a dispatch's prompt: in our own storage, or inside the project for other programs. */
import { systemCode } from '../../../host/files/fileErrors';
import { readStart } from '../../../host/files/smallFile';
import { queuedPrompt } from '../../../host/launcher/dispatchFiles';
import { insideFolder, ownStorageFile } from '../../../host/trusted/insideFolder';
import type { Dispatch } from '../../../kernel/dispatch/model';
import { isKernelError, KernelError } from '../../../kernel/errors/errors';

/** The prompt to show; undefined if there is none. @throws KernelError `RECORDED_ELSEWHERE` */
export async function promptToOpen(
  storages: readonly string[],
  folder: string,
  { id, promptFile }: Pick<Dispatch, 'id' | 'promptFile'>,
): Promise<string | undefined> {
  if (promptFile === null) return undefined;
  const isOurs = storages.some((storage) => queuedPrompt(storage, id) === promptFile);
  const file = isOurs ? await ownStorageFile(storages, promptFile) : await insideFolder(folder, promptFile);
  if (file === undefined) throw new KernelError('RECORDED_ELSEWHERE', { path: promptFile });
  return file;
}

/** Longer than a line that is shown. */
const START_BYTES = 1000;
const AT_ONCE = 20;

/** How prompts start, by the ids of their dispatches, without prompts that cannot be read. */
export async function promptStarts(
  storages: readonly string[],
  folder: string,
  dispatches: readonly Dispatch[],
): Promise<ReadonlyMap<string, string>> {
  const starts = new Map<string, string>();
  const read = async (dispatch: Dispatch): Promise<void> => {
    try {
      const file = await promptToOpen(storages, folder, dispatch);
      const start = file === undefined ? undefined : await readStart(file, START_BYTES);
      if (start !== undefined) starts.set(dispatch.id, start);
    } catch (error) {
      // Only a help to tell dispatches apart; the command that opens a prompt reports why it cannot.
      if (!isKernelError(error) && systemCode(error) === undefined) throw error;
    }
  };
  for (let from = 0; from < dispatches.length; from += AT_ONCE) {
    await Promise.all(dispatches.slice(from, from + AT_ONCE).map(read));
  }
  return starts;
}
