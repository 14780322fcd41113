/** Cached digests of files: a file whose stamp has not changed is not read twice. */
import { lstat } from 'node:fs/promises';
import { regularFileHash } from './contentHash';
import { ifThere } from './fileErrors';

/** Beyond it the oldest entry is dropped. */
const MAX_KEPT = 200;

export class FileDigests {
  private readonly kept = new Map<string, { readonly stamp: string; readonly digest: string | undefined }>();

  /** As `regularFileHash`. The stamp includes the change time, which no program can set. */
  async digestOf(file: string): Promise<string | undefined> {
    const found = await ifThere(lstat(file, { bigint: true }));
    if (found === undefined) return undefined;
    const stamp = [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(':');
    const known = this.kept.get(file);
    if (known?.stamp === stamp) return known.digest;
    const digest = await regularFileHash(file);
    this.kept.delete(file);
    this.kept.set(file, { stamp, digest });
    const [oldest] = this.kept.keys();
    if (this.kept.size > MAX_KEPT && oldest !== undefined) this.kept.delete(oldest);
    return digest;
  }
}
