/** Workspaces for tests: real folders, real git repositories, new for each launch. */
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createRepository } from '../../../scripts/demo/repositories';

/** What a window opens. */
export type Opened =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'workspace'; readonly path: string }
  | { readonly kind: 'empty' };

/** `folder`: one repository. `workspace`: a saved multi-root workspace of `api` and `web`. `empty`: no folder. */
export type FixtureName = 'folder' | 'workspace' | 'empty';

/** Makes the fixture below `parent`, which must be empty. Throws when git is missing. */
export async function prepareFixture(name: FixtureName, parent: string): Promise<Opened> {
  const real = await realpath(parent);
  switch (name) {
    case 'empty':
      return { kind: 'empty' };
    case 'folder':
      return { kind: 'folder', path: await repository(real, 'api') };
    case 'workspace': {
      await Promise.all([repository(real, 'api'), repository(real, 'web')]);
      return { kind: 'workspace', path: await writeWorkspace(path.join(real, 'test.code-workspace'), ['api', 'web']) };
    }
  }
}

/** Writes a multi-root workspace file with these folders, relative to it, and returns its path. */
export async function writeWorkspace(file: string, folders: readonly string[]): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  const content = { folders: folders.map((folder) => ({ path: folder })), settings: {} };
  await writeFile(file, `${JSON.stringify(content, null, 2)}\n`);
  return file;
}

async function repository(parent: string, name: string): Promise<string> {
  const folder = path.join(parent, name);
  await createRepository(folder, [
    { message: `Start ${name}`, files: { 'README.md': `# ${name}\n`, 'src/main.js': `exports.name = '${name}';\n` } },
  ]);
  return folder;
}
