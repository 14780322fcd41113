/** All hostile folders as one multi-root workspace, with what they aim at beside them. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { writeWorkspace, type Opened } from '../support/vscode/fixtures';
import { Canaries, CANARIES } from './canaries';
import { CORPUS, makeHostileFolder } from './corpus';

/** What a window opens, to be closed before its folder is removed. */
export interface Fixture {
  readonly opened: Opened;
  readonly close: () => Promise<void>;
}

export async function hostileWorkspace(parent: string): Promise<Fixture> {
  const real = await realpath(parent);
  const canaries = await Canaries.create(path.join(real, CANARIES));
  for (const hostile of CORPUS) await makeHostileFolder(hostile, real, canaries);
  const names = CORPUS.map(({ name }) => name);
  const file = await writeWorkspace(path.join(real, 'test.code-workspace'), names);
  return { opened: { kind: 'workspace', path: file }, close: () => canaries.close() };
}
