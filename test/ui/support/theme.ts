/** The theme of a window that is open. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Workbench } from './workbench';

/** A setting of the workspace, which the window follows. Undefined: as the window was opened; all such settings go. */
export async function setTheme({ session: { opened } }: Workbench, theme: string | undefined): Promise<void> {
  if (opened.kind !== 'folder') throw new Error('this test opens a folder');
  const settings = path.join(opened.path, '.vscode', 'settings.json');
  if (theme === undefined) return rm(path.dirname(settings), { recursive: true });
  await mkdir(path.dirname(settings), { recursive: true });
  await writeFile(settings, JSON.stringify({ 'workbench.colorTheme': theme }));
}
