/** GitHub for the operations of one call of `ic`: one connection, with the account of the environment. */
import type { CliContext } from '../command/command';
import { settingsOf } from '../host/git';
import type { HostParts } from './host';

/** What the account and the server are, for help. */
export const ACCOUNT =
  'The account is that of GH_TOKEN or GITHUB_TOKEN, else of gh; the server that of GITHUB_SERVER_URL.';

/** `folders`: those that git may run in. @throws KernelError `INVALID_ARGUMENT` for an address that cannot be one */
export async function gitHubParts({ env }: CliContext, folders: readonly string[]): Promise<HostParts> {
  const { gitHubOf } = await import('../host/gitHub.js');
  const connection = gitHubOf(env, folders, settingsOf(env));
  return { gitHub: () => connection };
}

/** The same, for the folder of the record. @throws as `gitHubParts` and as opening the record */
export async function withGitHub(context: CliContext): Promise<HostParts> {
  const { kernel } = await context.session();
  return await gitHubParts(context, [kernel.folder]);
}
