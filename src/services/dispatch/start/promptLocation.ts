/** The location of a dispatch's prompt: in our own storage, or inside the project for other programs. */
import { queuedPrompt } from '../../../host/launcher/dispatchFiles';
import { insideFolder, ownStorageFile } from '../../../host/trusted/insideFolder';
import type { Dispatch } from '../../../kernel/dispatch/model';
import { KernelError } from '../../../kernel/errors/errors';

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
