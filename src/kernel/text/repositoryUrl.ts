/** Parses addresses of repositories in all common forms (`docs/design/github.md#adding-a-project`). Pure. */
import * as z from 'zod';
import { KernelError } from '../errors/errors';
import { because, type Problem } from '../errors/reasons/problem';

export interface RepositoryName {
  readonly owner: string;
  readonly repo: string;
}

export const DEFAULT_HOST = 'github.com';

const OWNER = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$/;
const REPO = /^[A-Za-z0-9._-]{1,100}$/;

/** The valid names of an owner and of a repository. Managed users have an underscore. */
export const ownerName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'it is not the name of an owner');
export const repositoryName = z.string().refine(isRepository, 'it is not the name of a repository');

/**
 * Parses `https://`, `http://`, `ssh://` and `git@` addresses, ones without a scheme, and `owner/repo`. `www.`, a
 * trailing `.git` and what follows the repository's name (`/tree/main`) are ignored.
 * @throws KernelError `INVALID_ARGUMENT` for anything else, and for another host than `host`.
 */
export function parseRepositoryUrl(text: string, host = DEFAULT_HOST): RepositoryName {
  const refuse = (problem: Problem<'INVALID_ARGUMENT'>): never => {
    throw new KernelError('INVALID_ARGUMENT', { argument: 'url', problem });
  };
  const trimmed = text.trim();
  if (trimmed === '') refuse(because('it must not be empty'));
  const { from, path } = split(trimmed);
  if (from !== undefined && from.replace(/^www\./, '') !== host.toLowerCase()) {
    refuse(because('{host} is not {expected}', { host: from, expected: host }));
  }
  const [owner = '', name = ''] = path
    .replace(/[?#][^]*$/, '')
    .split('/')
    .filter(Boolean);
  const repo = name.replace(/\.git$/i, '');
  if (!OWNER.test(owner)) refuse(because('"{name}" is not the name of an owner', { name: owner }));
  if (!isRepository(repo)) refuse(because('"{name}" is not the name of a repository', { name: repo }));
  return { owner, repo };
}

/** Whether the names can be part of an address for git. */
export function isRepositoryName({ owner, repo }: RepositoryName): boolean {
  return ownerName.safeParse(owner).success && isRepository(repo);
}

function isRepository(name: string): boolean {
  return REPO.test(name) && name !== '.' && name !== '..';
}

/** The host, if there is one, and the rest. */
function split(address: string): { readonly from: string | undefined; readonly path: string } {
  const scp = /^[^/@\s]+@([^:/\s]+):(?!\/\/)(.*)$/.exec(address);
  if (scp !== null) return { from: lower(scp[1]), path: scp[2] ?? '' };
  const url = /^(?:https?|ssh|git):\/\/(?:[^@/\s]*@)?([^/:\s]+)(?::\d+)?(?:\/(.*))?$/i.exec(address);
  if (url !== null) return { from: lower(url[1]), path: url[2] ?? '' };
  const [first = '', ...rest] = address.split('/');
  return first.includes('.') && rest.length >= 1
    ? { from: first.toLowerCase(), path: rest.join('/') }
    : { from: undefined, path: address };
}

function lower(text: string | undefined): string {
  return (text ?? '').toLowerCase();
}
