/** Paths inside a project, as artifacts store them: relative, with slashes. */
import path from 'node:path';
import { isInside } from '../../../host/files/paths';
import { KernelError } from '../../../kernel/errors/errors';

/**
 * The path relative to the folder.
 * @throws KernelError `PATH_OUTSIDE` for the folder itself and for paths outside it.
 */
export function insideFolder(folder: string, file: string): string {
  const absolute = path.resolve(folder, file);
  if (!isInside(folder, absolute)) throw new KernelError('PATH_OUTSIDE', { path: file, folder });
  return path.relative(folder, absolute).split(path.sep).join('/');
}
