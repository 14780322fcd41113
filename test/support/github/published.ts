/**
 * GitHub's own description of its API, fetched when a test first asks for it: the package that holds it unpacks to
 * hundreds of megabytes, of which one file is needed, so it is no dependency of the project.
 */
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runNpm } from '../agents/install';
import { projectRoot } from '../agents/project';

const PACKAGE = '@octokit/openapi';
const VERSION = '23.0.2';
const FILE = 'api.github.com.json';

/** The absolute path of the description. Throws where no registry is in reach. */
export async function publishedDescription(root: string = projectRoot()): Promise<string> {
  const cache = path.join(root, '.cache', 'github-api');
  const file = path.join(cache, `${VERSION}-${FILE}`);
  if (await isThere(file)) return file;
  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(path.join(cache, 'installing-'));
  try {
    await writeFile(path.join(staging, 'package.json'), '{ "private": true }\n');
    const npm = await runNpm(staging, `${PACKAGE}@${VERSION}`);
    if (npm.exitCode !== 0) throw new Error(`${PACKAGE}@${VERSION} cannot be installed: ${npm.output.trim()}`);
    await rename(path.join(staging, 'node_modules', PACKAGE, 'generated', FILE), file);
    return file;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
