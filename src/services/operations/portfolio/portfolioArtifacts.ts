/** Artifacts of portfolios, which belong to no folder: they are stored by absolute path. */
import path from 'node:path';
import { contentHash } from '../../../host/files/contentHash';
import { isInside } from '../../../host/files/paths';
import { KernelError } from '../../../kernel/errors/errors';
import { addArtifact } from '../../../kernel/tracking/service';
import { defined } from '../../../kernel/defined';
import type { OperationHost } from '../host';
import type { Implement } from '../implementation';
import { getPortfolio, holderOf } from '../portfolioHost';
import { phaseOf } from '../run/records';

/** Adds all files or none. A directory or a missing file is recorded without a hash. */
export const addPortfolioArtifacts: Implement<'portfolios.addArtifact'> = async (host, args) => {
  const { portfolioId, paths, phase, type } = args;
  const { home } = await holderOf(host, portfolioId, 'add artifacts');
  const inside = paths.map((file) => insideWorkspace(host, file));
  const hashed = await Promise.all(inside.map(async (file) => ({ file, hash: await contentHash(file) })));
  return await home.kernel.write((unit) => {
    const run = getPortfolio(unit, portfolioId);
    const into = phase === undefined ? run.phase : phaseOf(run, phase);
    return hashed.map(({ file, hash }) =>
      addArtifact(unit, {
        runId: run.id,
        phase: into,
        path: file,
        ...defined({ type, contentHash: hash }),
      }),
    );
  });
};

/** @throws KernelError `PATH_OUTSIDE` for paths outside the open folders, and for relative paths. */
function insideWorkspace({ kernels }: OperationHost, file: string): string {
  const folders = kernels.all().map(({ folder }) => folder);
  const normal = path.normalize(file);
  if (path.isAbsolute(file) && folders.some((folder) => isInside(folder, normal))) return normal;
  throw new KernelError('PATH_OUTSIDE', { path: file, folder: folders.join(', ') });
}
