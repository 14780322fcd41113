/**
 * Whether the files of a dispatch are still as they were left. The prompt's hash is in the row, and the log's in the
 * sealed exit record. A difference is shown; nothing is prevented by it (design §15).
 */
import { regularFileHash } from '../../host/contentHash';
import { readFailure } from '../../host/fileErrors';
import { readExit, UNPROVEN } from '../../host/launchRecord';
import { findDispatchFiles, type DispatchFiles } from '../../host/trusted/dispatchFiles';
import type { OwnStorageFile } from '../../host/trusted/insideFolder';
import { isActive } from '../../kernel/dispatch/machine';
import type { Dispatch } from '../../kernel/dispatch/model';
import { promptHashOf } from './request';

/** `exit`: the record of how the agent ended, without which the log cannot be verified. */
export type AlteredFile = 'prompt' | 'log' | 'exit';

type Checked = Pick<Dispatch, 'id' | 'status' | 'promptHash' | 'exitCode'>;

/** None for a dispatch that has no files in these storages. @throws KernelError `FILE_UNREADABLE` */
export async function alteredFiles(storages: readonly string[], dispatch: Checked): Promise<readonly AlteredFile[]> {
  const files = await findDispatchFiles(storages, dispatch.id);
  if (files === undefined) return [];
  const altered: AlteredFile[] = [];
  if (await isPromptAltered(files, dispatch)) altered.push('prompt');
  const ending = await alteredEnding(files, dispatch);
  if (ending !== undefined) altered.push(ending);
  return altered;
}

async function isPromptAltered({ prompt }: DispatchFiles, { promptHash }: Checked): Promise<boolean> {
  if (promptHash === null) return false;
  const digest = await digestOf(prompt);
  return digest === undefined || promptHashOf(digest) !== promptHash;
}

async function alteredEnding(files: DispatchFiles, { status, exitCode }: Checked): Promise<AlteredFile | undefined> {
  if (isActive(status)) return undefined;
  const exit = await readExit(files);
  // An exit code is stored from a proven record only. A launcher that was killed leaves neither.
  if (exit === undefined) return exitCode === null ? undefined : 'exit';
  if (exit === UNPROVEN) return 'exit';
  if (exit.logHash === null) return undefined;
  const digest = await digestOf(files.log);
  return `sha256:${digest}` === exit.logHash ? undefined : 'log';
}

async function digestOf(file: OwnStorageFile): Promise<string | undefined> {
  try {
    return await regularFileHash(file);
  } catch (error) {
    throw readFailure(file, error);
  }
}
