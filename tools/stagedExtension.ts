/**
 * The built extension in a folder of its own. A window must not be given the project itself: VS Code takes every theme
 * below an extension under development for that extension's and shows the first, and our `.cache/` holds its themes.
 * A copy also stays as it is when the project is built again while the window is open.
 */
import { cp, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { inProject, projectRoot } from './project';

const FOLDERS = ['dist', 'media', 'l10n', 'prompts', 'bin'];
const FILE = /^(package\.json|package\.nls(\..+)?\.json|README\.md)$/;

/** Copies what runs into `folder` and returns it. Throws when the project is not built. */
export async function stageExtension(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const names = await readdir(projectRoot());
  if (!names.includes('dist')) throw new Error('The extension is not built: run npm run build.');
  const staged = names.filter((name) => FOLDERS.includes(name) || FILE.test(name));
  await Promise.all(staged.map((name) => cp(inProject(name), path.join(folder, name), { recursive: true })));
  return folder;
}
