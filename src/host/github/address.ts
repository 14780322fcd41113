/** Where GitHub is: the public one, or a company's own (`docs/design/github.md#adding-a-project`). */
import { KernelError } from '../../kernel/errors/errors';
import { because, type Problem } from '../../kernel/errors/reasons/problem';
import { isRepositoryName, type RepositoryName } from '../../kernel/text/repositoryUrl';

/** Both without a slash at the end. */
export interface GitHubAddress {
  /** What people and git use: `https://github.com`. */
  readonly webUrl: string;
  /** What programs use: `https://api.github.com`. */
  readonly apiUrl: string;
}

/**
 * Returns the current token, which is kept in memory only. `refused` is the one that GitHub has just rejected: then the
 * user is asked to sign in again.
 */
export type TokenSource = (refused?: string) => Promise<string>;

const PUBLIC: GitHubAddress = { webUrl: 'https://github.com', apiUrl: 'https://api.github.com' };
/** The domain below which GitHub hosts companies' data in their region. */
const HOSTED = /\.ghe\.com$/;

/**
 * Parses the address of an enterprise server, with or without its API's path; empty for the public GitHub.
 * @throws KernelError `INVALID_ARGUMENT`, also for one without encryption.
 */
export function gitHubAddress(setting: string): GitHubAddress {
  const text = setting.trim();
  if (text === '') return PUBLIC;
  const refuse = (problem: Problem<'INVALID_ARGUMENT'>): never => {
    throw new KernelError('INVALID_ARGUMENT', { argument: 'GitHub address', problem });
  };
  const url = URL.canParse(text)
    ? new URL(text)
    : refuse(because('it is not an address like https://github.example.com'));
  const isLoopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback))
    refuse(because('it must start with https://'));
  if (url.username !== '' || url.password !== '') refuse(because('it must not hold a user or a password'));
  const host = url.host.replace(/^(www|api)\.(?=github\.com$|.*\.ghe\.com$)/, '');
  if (host === 'github.com') return PUBLIC;
  const webUrl = `${url.protocol}//${host}`;
  return { webUrl, apiUrl: HOSTED.test(host) ? `${url.protocol}//api.${host}` : `${webUrl}/api/v3` };
}

/** The host that addresses of repositories are checked against. */
export function hostOf({ webUrl }: GitHubAddress): string {
  return new URL(webUrl).hostname;
}

/**
 * What git clones from and pushes to: never with a credential in it (D1).
 * @throws KernelError `INVALID_ARGUMENT` for names that GitHub does not allow, which only a foreign record has.
 */
export function cloneUrl({ webUrl }: GitHubAddress, name: RepositoryName): string {
  if (!isRepositoryName(name)) {
    const problem = because('its owner or its name has characters that GitHub does not allow');
    throw new KernelError('INVALID_ARGUMENT', { argument: 'repository', problem });
  }
  return `${webUrl}/${name.owner}/${name.repo}.git`;
}
