/**
 * The commits of our last pushes, by repository on the server, so that only our own commits are ever replaced. Stored
 * in our own storage, because a clone cannot be trusted.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { sha, type RefName, type Sha } from '../../../kernel/text/gitNames';
import { ifThere } from '../../files/fileErrors';
import { changeLockedFile } from '../../locks/lockedFile';

const commits = z.record(z.string(), sha);

export class PushedCommits {
  /** `root`: a private folder of our own. */
  constructor(private readonly root: string) {}

  async get(url: string, branch: RefName): Promise<Sha | undefined> {
    return (await this.read(url)).get(branch);
  }

  /** @throws KernelError `DATABASE_BUSY` */
  async set(url: string, branch: RefName, commit: Sha): Promise<void> {
    const file = this.fileOf(url);
    await mkdir(this.root, { recursive: true, mode: 0o700 });
    await changeLockedFile(file, async (save) => {
      const known = await this.read(url);
      await save(JSON.stringify(Object.fromEntries(known.set(branch, commit))));
    });
  }

  /** Empty if the file is damaged: then a push moves forward or is refused, and replaces nothing. */
  private async read(url: string): Promise<Map<string, Sha>> {
    const text = await ifThere(readFile(this.fileOf(url), 'utf8'));
    return new Map(Object.entries(commits.safeParse(parsed(text)).data ?? {}));
  }

  private fileOf(url: string): string {
    const name = createHash('sha256').update(url.toLowerCase()).digest('hex').slice(0, 32);
    return path.join(this.root, `${name}.json`);
  }
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return {};
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
