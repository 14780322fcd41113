/** Links from a commit to commits of other repositories: submodules in their superproject. */
import * as z from 'zod';
import { sha, shaOf, type Sha } from '../../../kernel/text/gitNames';
import { splitNul, type OwnView } from '../view/ownView';

export interface Gitlink {
  readonly path: string;
  readonly commit: Sha;
}

const LINK_MODE = '160000';
const entry = z.tuple([z.string(), z.string()]);

/** Links that a commit adds or changes, compared with each of the bases. @throws KernelError `GIT_FAILED` */
export async function changedGitlinks(view: OwnView, bases: readonly Sha[], commit: Sha): Promise<Gitlink[]> {
  const links = await gitlinksOf(view, commit);
  if (links.length === 0) return [];
  const known = new Set<string>();
  for (const base of bases)
    for (const { path, commit: target } of await gitlinksOf(view, base)) known.add(`${target} ${path}`);
  return links.filter((link) => !known.has(`${link.commit} ${link.path}`));
}

/** All links of a commit. @throws KernelError `GIT_FAILED` */
export async function gitlinksOf(view: OwnView, commit: Sha): Promise<Gitlink[]> {
  const args = ['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', commit];
  return splitNul(await view.run(args)).flatMap((line) => {
    const commit = linkedCommit(line);
    const [, path] = entry.parse(line.split('\t', 2));
    return commit === undefined ? [] : [{ path, commit }];
  });
}

/** The commit that a line of `git ls-tree` links to; undefined for a file. */
export function linkedCommit(line: string): Sha | undefined {
  return line.startsWith(LINK_MODE) ? sha.parse(line.split('\t', 1)[0]?.split(' ')[2]) : undefined;
}

/** Addresses of submodules by their paths, as `.gitmodules` of a commit has them. @throws KernelError `GIT_FAILED` */
export async function submoduleAddresses(view: OwnView, commit: Sha): Promise<ReadonlyMap<string, string>> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}:.gitmodules`];
  const blob = shaOf(await view.run(args, { accepts: 1 }));
  if (blob === undefined) return new Map();
  const listed = await view.run(['config', '--list', '-z', `--blob=${blob}`]);
  const facts = new Map(
    splitNul(listed).map((line) => {
      const end = line.indexOf('\n');
      return [line.slice(0, end), line.slice(end + 1)] as const;
    }),
  );
  const addresses = new Map<string, string>();
  for (const [key, place] of facts) {
    const name = /^submodule\.(.+)\.path$/s.exec(key)?.[1];
    const url = name === undefined ? undefined : facts.get(`submodule.${name}.url`);
    if (url !== undefined) addresses.set(place, url);
  }
  return addresses;
}

function withoutSlashes(address: string): string {
  let end = address.length;
  while (address[end - 1] === '/') end -= 1;
  return address.slice(0, end);
}

/** An address that starts with `./` or `../` is relative to that of the superproject, as in git. */
export function resolvedAddress(address: string, superproject: string): string {
  if (!/^\.\.?\//.test(address)) return address;
  let base = withoutSlashes(superproject);
  let rest = address;
  for (;;) {
    if (rest.startsWith('./')) rest = rest.slice(2);
    else if (rest.startsWith('../')) {
      rest = rest.slice(3);
      const end = Math.max(base.lastIndexOf('/'), base.lastIndexOf(':'));
      if (end < 0) return rest;
      // The part after a colon is a path on the server.
      if (base[end] === ':' && !base.includes('://')) return `${base.slice(0, end)}:${rest.replace(/^(\.\.?\/)+/, '')}`;
      base = base.slice(0, end);
    } else return withoutSlashes(`${base}/${rest}`);
  }
}
