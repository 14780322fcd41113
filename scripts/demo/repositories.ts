/** The demo's repositories, and git as tests run it: untouched by the person's own settings. */
import { devNull } from 'node:os';
import { repositoryTemplate, writeTemplate, type Template } from './repositoryTemplate';
import type { Commit } from '../../src/services/demo/repositories';
import { run } from '../../tools/command';

export { PARCEL_API, PARCEL_WEB, type Commit } from '../../src/services/demo/repositories';

const templates = new Map<string, Promise<Template>>();

/** A repository as the demo makes it. Git makes each kind once for the process; the others are copies of it. */
export async function createRepository(folder: string, commits: readonly Commit[]): Promise<void> {
  const key = JSON.stringify(commits);
  const template = templates.get(key) ?? repositoryTemplate(commits);
  templates.set(key, template);
  writeTemplate(folder, await template);
  // The index knows the files by their inodes and times.
  await git(folder, ['update-index', '-q', '--refresh']);
}

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
