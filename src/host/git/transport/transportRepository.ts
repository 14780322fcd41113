/**
 * A bare repository of our own for one push, fetch or clone. It has no hooks and only our configuration, and uses the
 * objects of a clone as alternates, so nothing is copied. It is removed afterwards.
 */
import { chmod, lstat, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../../kernel/errors/errors';
import { because, type Problem } from '../../../kernel/errors/reasons/problem';
import type { Sha } from '../../../kernel/text/gitNames';
import { ifThere } from '../../files/fileErrors';
import { isInside } from '../../files/paths';
import { removeOldDrafts } from '../branch/drafts';
import { commandOf } from '../git';
import type { Repository } from '../repository';

export interface TransportRepository {
  /** Private. Absolute. */
  readonly folder: string;
  /** Git's own folder in it. */
  readonly gitDir: string;
  /** The file that git reads instead of the user's configuration. */
  readonly networkFile: string;
}

/** The folder of a clone's objects. */
export interface Objects {
  /** Absolute; links are resolved. */
  readonly folder: string;
  /** `sha1` or `sha256`. */
  readonly format: string;
}

/** By full name. */
export type References = ReadonlyMap<string, Sha>;

/** A new, empty folder below `root`, which is removed when the work is done. */
export async function withTransportRepository<T>(
  root: string,
  work: (repository: TransportRepository) => Promise<T>,
): Promise<T> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  if (!(await lstat(root)).isDirectory()) throw new KernelError('RECORDED_ELSEWHERE', { path: root });
  await chmod(root, 0o700);
  await removeOldDrafts(root, Date.now());
  const folder = await mkdtemp(path.join(root, 'repository-'));
  try {
    const [gitDir, networkFile] = [path.join(folder, 'git'), path.join(folder, 'network.gitconfig')];
    return await work({ folder, gitDir, networkFile });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Creates the repository: the objects of a clone, and initial references. */
export async function fillFrom(
  { gitDir }: TransportRepository,
  objects: Objects,
  references: References,
): Promise<void> {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads']) {
    await mkdir(path.join(gitDir, folder), { recursive: true, mode: 0o700 });
  }
  const packed = [...references].map(([name, sha]) => `${sha} ${name}\n`);
  const files = {
    HEAD: 'ref: refs/heads/main\n',
    config: configuration(objects.format),
    'objects/info/alternates': `${quoted(objects.folder)}\n`,
    'packed-refs': packed.join(''),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(gitDir, name), text, { mode: 0o600 });
}

function configuration(format: string): string {
  const version = format === 'sha1' ? 0 : 1;
  const extension = format === 'sha1' ? '' : `[extensions]\n\tobjectFormat = ${format}\n`;
  return `[core]\n\trepositoryFormatVersion = ${version}\n\tbare = true\n${extension}`;
}

/** A line of git's list of alternates, in its form for paths with any character. */
function quoted(folder: string): string {
  return `"${folder.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

/**
 * The objects of a clone, which agents may have written: only if they are inside the clone.
 * @throws KernelError `GIT_FAILED`
 */
export async function objectsOf({ git, folder }: Repository): Promise<Objects> {
  const args = ['rev-parse', '--path-format=absolute', '--git-path', 'objects', '--show-object-format'];
  const printed = await git.run(folder, args);
  const end = printed.lastIndexOf('\n');
  const [claim, format] = [printed.slice(0, end), printed.slice(end + 1)];
  const refuse = (problem: Problem<'GIT_FAILED'>): never => {
    throw new KernelError('GIT_FAILED', { command: commandOf(args), folder, problem });
  };
  if (!/^sha(1|256)$/.test(format)) refuse(because('unknown object format {format}', { format }));
  const [outer, inner] = await Promise.all([realpath(folder), realpath(claim)]);
  if (!isInside(outer, inner)) refuse(because('{objects} is outside of the clone', { objects: inner }));
  for (const name of ['info/alternates', 'info/http-alternates']) {
    const found = await ifThere(lstat(path.join(inner, name)));
    if (found?.isFile() === false) refuse(because('{file} is not a file', { file: path.join(inner, name) }));
  }
  return { folder: inner, format };
}
