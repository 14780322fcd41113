/** The demo's repositories, and git as tests run it: untouched by the person's own settings. */
import { devNull } from 'node:os';
import { run } from '../../test/support/vscode/command';

export { createRepository, PARCEL_API, PARCEL_WEB, type Commit } from '../../src/services/demo/repositories';

/** Runs git in a repository. Returns what it printed. */
export async function git(folder: string, args: readonly string[], atMs = Date.UTC(2026, 0, 5, 9)): Promise<string> {
  const date = new Date(atMs).toISOString();
  return run('git', args, {
    cwd: folder,
    what: `git could not ${args[0] ?? 'run'} in ${folder}`,
    env: {
      ...process.env,
      GIT_CONFIG_GLOBAL: devNull,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
    },
  });
}
