/** Whether the remote of a submodule has a commit, checked from an empty repository of our own. */
import { lstat, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { KernelError } from '../../../kernel/errors/errors';
import { because, foreignText, type Problem } from '../../../kernel/errors/reasons/problem';
import type { Sha } from '../../../kernel/text/gitNames';
import { defined } from '../../../kernel/defined';
import { ifThere } from '../../files/fileErrors';
import { isInside } from '../../files/paths';
import { readSmallFile } from '../../files/smallFile';
import { isGitFailure } from '../git';
import { gitDirectoryOf, leadsElsewhere } from '../config/gitDirectory';
import { FETCH_FLAGS, UPLOAD_PACK } from '../branch/fetch';
import { makeGitDir } from '../view/ownGitDir';
import { OwnView } from '../view/ownView';
import type { Repository } from '../repository';

export type RemoteAnswer =
  | { readonly kind: 'has' }
  | { readonly kind: 'lacks' }
  /** The remote could not be asked, so nothing is known. */
  | { readonly kind: 'unreachable'; readonly problem: Problem<'SUBMODULE_UNREACHABLE'> };

/** A server that serves only branches and tags, or does not have the commit. */
const NOT_SERVED = /not our ref|unadvertised object|couldn't find remote ref|no such remote ref|shallow capabilities/i;

export interface RemoteQuestion {
  readonly address: string;
  readonly commit: Sha;
  /** A folder that is removed with the work: a remote in it does not last. */
  readonly tree: string | null;
  readonly signal?: AbortSignal;
}

/** @param host runs git, in a folder of its own. Rejects once the signal is aborted. */
export async function askSubmoduleRemote(host: Repository, question: RemoteQuestion): Promise<RemoteAnswer> {
  const { address, commit, tree, signal } = question;
  const place = localPath(address);
  const local = place === undefined ? undefined : await localAnswer(place, tree);
  if (local !== undefined) return local;
  const format = commit.length === 64 ? 'sha256' : 'sha1';
  const one = await fetching(host, format, signal, async (fetch) => {
    await fetch('--depth=1', address, [commit]);
    return true;
  });
  if (one.ok) return { kind: 'has' };
  if (!NOT_SERVED.test(one.problem)) return { kind: 'unreachable', problem: foreignText(one.problem) };
  const all = await fetching(host, format, signal, async (fetch, view) => {
    await fetch('--quiet', address, ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*']);
    return (await view.treeOf(commit).catch(() => undefined)) !== undefined;
  });
  if (!all.ok) return { kind: 'unreachable', problem: foreignText(all.problem) };
  return { kind: all.value ? 'has' : 'lacks' };
}

type Fetch = (flag: string, address: string, wanted: readonly string[]) => Promise<void>;
type Fetched = { readonly ok: true; readonly value: boolean } | { readonly ok: false; readonly problem: string };

/** Lets `use` fetch into an empty repository, which is removed afterwards. */
async function fetching(
  host: Repository,
  format: string,
  signal: AbortSignal | undefined,
  use: (fetch: Fetch, view: OwnView) => Promise<boolean>,
): Promise<Fetched> {
  const own = await mkdtemp(path.join(tmpdir(), 'intercore-git-'));
  try {
    await makeGitDir(own, format, true);
    const view = new OwnView(host, own, { GIT_NO_LAZY_FETCH: '1' });
    const options = { kind: 'network' as const, ...defined({ signal }) };
    const fetch: Fetch = async (flag, address, wanted) => {
      const args = ['fetch', ...FETCH_FLAGS, flag, UPLOAD_PACK, '--end-of-options', address, ...wanted];
      await view.run(args, options);
    };
    return { ok: true, value: await use(fetch, view) };
  } catch (error) {
    signal?.throwIfAborted();
    if (!isGitFailure(error)) throw error;
    const problem = KernelError.is(error, 'GIT_FAILED') ? error.facts.problem.text : error.message;
    return { ok: false, problem };
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

/** The folder that an address names on this machine, by git's rule. */
function localPath(address: string): string | undefined {
  if (/^file:\/\//i.test(address)) return URL.canParse(address) ? fileURLToPath(address) : undefined;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(address)) return undefined;
  const colon = address.indexOf(':');
  const slash = address.indexOf('/');
  const isOnServer = colon > 0 && (slash < 0 || colon < slash) && !path.isAbsolute(address);
  return isOnServer ? undefined : path.resolve('/', address);
}

/**
 * Undefined if the repository may be asked. A partial clone would fetch missing objects, which could start a program.
 */
async function localAnswer(place: string, tree: string | null): Promise<RemoteAnswer | undefined> {
  const real = await ifThere(realpath(place));
  const outer = tree === null ? undefined : ((await ifThere(realpath(tree))) ?? tree);
  if (outer !== undefined && (isInside(outer, real ?? place) || (real ?? place) === outer)) return { kind: 'lacks' };
  if (real === undefined) return { kind: 'unreachable', problem: because('{place} is not there', { place }) };
  const gitDir = await filesOf(real);
  const config = gitDir === undefined ? undefined : await readSmallFile(path.join(gitDir, 'config'));
  if (config !== undefined && !/promisor|partialclone|include/i.test(config)) return undefined;
  return { kind: 'unreachable', problem: because('{place} is not a complete repository', { place }) };
}

/** The git folder of a repository that git serves from a folder; undefined if it leads elsewhere. */
async function filesOf(folder: string): Promise<string | undefined> {
  if ((await ifThere(lstat(path.join(folder, '.git')))) === undefined) return folder;
  try {
    return (await gitDirectoryOf(folder))?.common;
  } catch (error) {
    if (leadsElsewhere(error)) return undefined;
    throw error;
  }
}
