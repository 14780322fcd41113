/**
 * Whether the files of a dispatch were changed after they were written. The prompt's hash is in the row, and the log's
 * in the sealed exit record. A difference is shown, but prevents nothing (`docs/design/trust.md`).
 */
import type { AlteredFile } from '../../../contract/results/records';
import { regularFileHash } from '../../../host/files/contentHash';
import { readFailure } from '../../../host/files/fileErrors';
import { readExit, UNPROVEN } from '../../../host/launcher/launchRecord';
import { findDispatchFiles, type DispatchFiles } from '../../../host/launcher/dispatchFiles';
import type { OwnStorageFile } from '../../../host/trusted/insideFolder';
import { isActive } from '../../../kernel/dispatch/machine';
import type { Dispatch } from '../../../kernel/dispatch/model';
import { promptHashOf } from './request';

type Digest = (file: string) => Promise<string | undefined>;
type Checked = Pick<Dispatch, 'id' | 'status' | 'promptHash' | 'exitCode'>;

/** None for a dispatch without files in these storage folders. @throws KernelError `FILE_UNREADABLE` */
export async function alteredFiles(
  storages: readonly string[],
  dispatch: Checked,
  digest: Digest = regularFileHash,
): Promise<readonly AlteredFile[]> {
  const files = await findDispatchFiles(storages, dispatch.id);
  if (files === undefined) return [];
  const altered: AlteredFile[] = [];
  if (await isPromptAltered(files, dispatch, digest)) altered.push('prompt');
  const ending = await alteredEnding(files, dispatch, digest);
  if (ending !== undefined) altered.push(ending);
  return altered;
}

async function isPromptAltered({ prompt }: DispatchFiles, { promptHash }: Checked, digest: Digest): Promise<boolean> {
  if (promptHash === null) return false;
  const found = await digestOf(prompt, digest);
  return found === undefined || promptHashOf(found) !== promptHash;
}

async function alteredEnding(
  files: DispatchFiles,
  { status, exitCode }: Checked,
  digest: Digest,
): Promise<AlteredFile | undefined> {
  if (isActive(status)) return undefined;
  const exit = await readExit(files);
  // An exit code is stored only from a proven record. A killed launcher leaves neither.
  if (exit === undefined) return exitCode === null ? undefined : 'exit';
  if (exit === UNPROVEN) return 'exit';
  if (exit.logHash === null) return undefined;
  const found = await digestOf(files.log, digest);
  return `sha256:${found}` === exit.logHash ? undefined : 'log';
}

async function digestOf(file: OwnStorageFile, digest: Digest): Promise<string | undefined> {
  try {
    return await digest(file);
  } catch (error) {
    throw readFailure(file, error);
  }
}
