/** The location of a dispatch's log: in our own storage, or at a path that only its row names, which is not opened. */
import { findDispatchFiles, findEarlierLog } from '../../../host/launcher/dispatchFiles';
import type { OwnStorageFile } from '../../../host/trusted/insideFolder';
import type { Dispatch, DispatchProcess } from '../../../kernel/dispatch/model';
import { dispatchProcess, getDispatch } from '../../../kernel/dispatch/service';
import { KernelError } from '../../../kernel/errors/errors';
import type { DispatchKernel } from '../../record/dispatchKernel';

export type LogLocation =
  | { readonly kind: 'own'; readonly file: OwnStorageFile }
  | { readonly kind: 'elsewhere'; readonly path: string }
  /** There never was one. */
  | { readonly kind: 'none' };

export async function logLocationOf(
  { id, outputFile }: Dispatch,
  process: DispatchProcess | undefined,
  storages: readonly string[],
): Promise<LogLocation> {
  const file = (await findDispatchFiles(storages, id))?.log ?? (await findEarlierLog(storages, id));
  if (file !== undefined) return { kind: 'own', file };
  const path = process?.logFile ?? outputFile;
  return path === null ? { kind: 'none' } : { kind: 'elsewhere', path };
}

/** As `logLocationOf`, for a dispatch of the record. @throws KernelError `NOT_FOUND` */
export async function locateLog(kernel: DispatchKernel, id: string, storages: readonly string[]): Promise<LogLocation> {
  const { dispatch, process } = kernel.read((r) => ({ dispatch: getDispatch(r, id), process: dispatchProcess(r, id) }));
  return logLocationOf(dispatch, process, storages);
}

/** The log to read; undefined if there is none. @throws KernelError `RECORDED_ELSEWHERE` */
export function ownLog(place: LogLocation): OwnStorageFile | undefined {
  if (place.kind === 'elsewhere') throw new KernelError('RECORDED_ELSEWHERE', { path: place.path });
  return place.kind === 'own' ? place.file : undefined;
}
