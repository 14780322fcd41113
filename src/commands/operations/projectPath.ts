/** Paths inside a project, as artifacts keep them: relative, with slashes. */
import path from 'node:path';
import { KernelError } from '../../kernel/errors';

/**
 * The path relative to the folder.
 * @throws KernelError `PATH_OUTSIDE` for the folder itself and for what is not below it.
 */
export function insideFolder(folder: string, file: string): string {
  const relative = path.relative(folder, path.resolve(folder, file));
  if (relative === '' || relative.split(path.sep)[0] === '..' || path.isAbsolute(relative)) {
    throw new KernelError('PATH_OUTSIDE', { path: file, folder });
  }
  return relative.split(path.sep).join('/');
}
