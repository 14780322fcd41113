/** The prompt of an earlier dispatch, for another agent. Its path is computed from our storage. */
import { readFile } from 'node:fs/promises';
import { readFailure } from '../../../host/files/fileErrors';
import type { Dispatch } from '../../../kernel/dispatch/model';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import { promptToOpen } from '../../dispatch/start/promptLocation';
import type { FolderHost } from '../host';

/** @throws KernelError `NOT_FOUND`, `RECORDED_ELSEWHERE`, `FILE_UNREADABLE` */
export async function earlierPrompt(
  { kernel, dispatcher }: Pick<FolderHost, 'kernel' | 'dispatcher'>,
  dispatch: Dispatch,
): Promise<string> {
  const file = await promptToOpen(dispatcher.storages, kernel.folder, dispatch);
  if (file === undefined) throw new KernelError('NOT_FOUND', { what: 'prompt of dispatch', id: dispatch.id });
  if ((await dispatcher.alteredFiles(kernel, dispatch.id)).includes('prompt')) {
    throw new KernelError('FILE_UNREADABLE', { path: file, problem: because('it was changed after it was sent') });
  }
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw readFailure(file, error);
  }
}
