/**
 * A range of ports for each worktree of this user, so that the servers of concurrent agents and checks do not conflict.
 * One file of the machine records them; a worktree keeps its range.
 */
import { lstat, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { ifThere } from '../files/fileErrors';
import { changeLockedFile } from '../locks/lockedFile';
import { resolvedPath, seen } from '../files/pathIdentity';

/** Below the ports that systems assign to connections: from 32768 on Linux, 49152 elsewhere. */
const FIRST = 20_000;
const END = 32_000;
/** Ports of one worktree: its base and the ones after it. */
export const PORTS_EACH = 20;

/** Names the first port of a worktree's range in the environment of its agents, set-up commands and checks. */
export const PORT_BASE_VARIABLE = 'INTERCORE_PORT_BASE';

const noted = z.record(z.string(), z.int().min(FIRST).max(END));
type Noted = z.infer<typeof noted>;

export class PortBases {
  /** @param file the file of ranges: absolute */
  constructor(private readonly file: string) {}

  /**
   * The first port of a worktree's range; always the same.
   * @throws KernelError `DATABASE_BUSY` if another program holds the file too long
   */
  async baseOf(worktree: string): Promise<number> {
    const place = (await resolvedPath(worktree)) ?? path.resolve(worktree);
    return await changeLockedFile(this.file, async (save) => {
      const known = await this.read();
      const own = known[place];
      if (own !== undefined) return own;
      const base = freeBase(known) ?? freeBase(await withoutGone(known)) ?? leastShared(known);
      const kept = Object.entries(known).filter(([, other]) => other !== base);
      await save(JSON.stringify({ ...Object.fromEntries(kept), [place]: base }));
      return base;
    });
  }

  private async read(): Promise<Noted> {
    const text = await ifThere(readFile(this.file, 'utf8'));
    try {
      return noted.safeParse(JSON.parse(text ?? '{}')).data ?? {};
    } catch {
      // A truncated file: ranges are assigned again.
      return {};
    }
  }
}

function freeBase(known: Noted): number | undefined {
  const taken = new Set(Object.values(known));
  for (let base = FIRST; base + PORTS_EACH <= END; base += PORTS_EACH) if (!taken.has(base)) return base;
  return undefined;
}

/** Checked only when every range is assigned: a worktree on a disconnected disk keeps its range until then. */
async function withoutGone(known: Noted): Promise<Noted> {
  const entries = await Promise.all(
    Object.entries(known).map(async (entry) => ((await seen(lstat(entry[0]))) === undefined ? [] : [entry])),
  );
  return Object.fromEntries(entries.flat());
}

/** With more worktrees than ranges, the first range is assigned again. */
function leastShared(known: Noted): number {
  return Math.min(...Object.values(known));
}
