/** The files of a repository in memory, from which copies are written without git. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, type Commit } from '../../src/services/demo/repositories';

interface TemplateFile {
  readonly name: string;
  readonly mode: number;
  readonly bytes: Buffer;
}

export interface Template {
  /** Relative, each after its parent. */
  readonly folders: readonly string[];
  readonly files: readonly TemplateFile[];
}

/** Has git make a repository of these commits, and reads it. Sample hooks are left out: they do nothing. */
export async function repositoryTemplate(commits: readonly Commit[]): Promise<Template> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'intercore-template-')));
  try {
    await createRepository(folder, commits);
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) => !name.endsWith('.sample'),
    );
    const found = names.sort().map((name) => ({ name, stats: statSync(path.join(folder, name)) }));
    const isFolder = ({ stats }: (typeof found)[number]): boolean => stats.isDirectory();
    return {
      folders: found.filter(isFolder).map(({ name }) => name),
      files: found
        .filter((entry) => !isFolder(entry))
        .map(({ name, stats }) => ({ name, mode: stats.mode & 0o777, bytes: readFileSync(path.join(folder, name)) })),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes a copy into a folder, which is made where it is missing. */
export function writeTemplate(folder: string, { folders, files }: Template): void {
  mkdirSync(folder, { recursive: true });
  for (const name of folders) mkdirSync(path.join(folder, name), { recursive: true });
  for (const { name, mode, bytes } of files) writeFileSync(path.join(folder, name), bytes, { mode });
}
