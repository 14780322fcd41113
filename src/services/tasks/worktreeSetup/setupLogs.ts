/** The logs of worktree setups, for people. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../../../host/files/fileErrors';
import type { Subtask } from '../../../kernel/tasks/record/model';
import { worktreeSetupLog } from '../taskFolders';

const LOG = /^worktree-setup-\d+\.log$/;

/** The log of the last set-up command in the worktree of a subtask; undefined if none has run. */
export async function lastSetupLog(storageDir: string, subtask: Subtask): Promise<string | undefined> {
  const folder = path.dirname(worktreeSetupLog({ storageDir }, subtask, 0));
  const names = ((await ifThere(readdir(folder))) ?? []).filter((name) => LOG.test(name));
  const timed = await Promise.all(
    names.map(async (name) => ({ name, changedMs: (await stat(path.join(folder, name))).mtimeMs })),
  );
  const [last] = timed.sort((a, b) => b.changedMs - a.changedMs);
  return last === undefined ? undefined : path.join(folder, last.name);
}
