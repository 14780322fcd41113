/** The projects of a portfolio as folders on disk: one folder is one project, in any spelling of its path. */
import { isSameFile, fileKey } from '../../host/files/pathIdentity';
import type { DependencyEdge } from '../../kernel/portfolio/model';

/** Two paths to the same folder; undefined if all folders differ. */
export async function sameFolder(
  folders: readonly string[],
): Promise<{ readonly folder: string; readonly other: string } | undefined> {
  const places = new Map<string, string>();
  for (const folder of folders) {
    const key = await fileKey(folder);
    const other = places.get(key);
    if (other !== undefined) return { folder, other };
    places.set(key, folder);
  }
  return undefined;
}

/** The edge between projects as recorded. Unknown projects stay unchanged, and the kernel refuses them. */
export async function edgeBetween(projects: readonly string[], edge: DependencyEdge): Promise<DependencyEdge> {
  return { upstream: await recorded(projects, edge.upstream), downstream: await recorded(projects, edge.downstream) };
}

async function recorded(projects: readonly string[], given: string): Promise<string> {
  if (projects.includes(given)) return given;
  for (const project of projects) if (await isSameFile(project, given)) return project;
  return given;
}
