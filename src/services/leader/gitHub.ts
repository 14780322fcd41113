/** GitHub for background work: creates pull requests for finished work, and checks open ones. */
import type { Git } from '../../host/git/git';
import type { GitHubTransport } from '../../host/git/transport/gitHubTransport';
import type { GitHubApi } from '../../host/github/api';
import type { Log } from '../../host/log';
import type { ProjectKernel } from '../record/projectKernel';
import type { Publish, PullRequestWatch } from '../tasks/deps';
import type { SettingsReader } from './settings';

const MINUTE_MS = 60_000;

export interface BackgroundGitHub {
  readonly settings: SettingsReader;
  readonly git: Git;
  readonly transport: GitHubTransport;
  /** Created at each use, because the server is a setting. */
  readonly api: () => GitHubApi;
  readonly log: Log;
}

export function publisherTo({ settings, git, transport, api, log }: BackgroundGitHub, kernel: ProjectKernel): Publish {
  return async (work) => {
    const { publishToGitHub } = await import('../tasks/landing/pullRequests.js');
    const publish = publishToGitHub({
      kernel,
      git,
      transport,
      github: api(),
      log,
      settings: () => ({
        draft: settings.get('intercore.github.draftPullRequests', kernel.folder),
        labels: settings.get('intercore.github.labels', kernel.folder),
      }),
    });
    return publish(work);
  };
}

export function watchOn({ settings, api }: BackgroundGitHub, folder: string): PullRequestWatch {
  return { github: api, everyMs: () => settings.get('intercore.github.lookMinutes', folder) * MINUTE_MS };
}
