/** What of a working tree exists nowhere else: what a snapshot holds, and what keeps a clone from being freed. */
import { counted } from '../kernel/errors/reasons/fill';
import * as z from 'zod';

/** Operations of git that have stopped halfway. */
const OPERATIONS = ['rebase', 'merge', 'cherry-pick', 'revert', 'bisect'] as const;

const at = { path: z.string().max(4096) };
/** In the clone's own files of the submodule: keeps the same commits there, too. */
const ref = z.string().max(4096).exactOptional();
const names = z.array(z.string().max(4096)).max(10_000);

/** `path` is the folder of a repository below the tree; empty for the tree itself. */
export const loss = z.discriminatedUnion('kind', [
  /** Changed and new files that are not committed; some of them are named. */
  z.strictObject({ ...at, kind: z.literal('changes'), files: names }),
  /** Ignored files that are kept by choice. */
  z.strictObject({ ...at, kind: z.literal('ignored'), files: names }),
  /** Branches with commits that no remote branch has. */
  z.strictObject({ ...at, kind: z.literal('commits'), branches: names, ref }),
  /** A commit that is checked out and on no branch. */
  z.strictObject({ ...at, kind: z.literal('detached'), commit: z.string().max(64), ref }),
  z.strictObject({ ...at, kind: z.literal('stashes'), count: z.int().min(0), ref }),
  z.strictObject({ ...at, kind: z.literal('operation'), operation: z.enum(OPERATIONS) }),
  /** A repository below the tree that no remote has, or that is new in it. */
  z.strictObject({ ...at, kind: z.literal('repository'), hasCommits: z.boolean() }),
  /** One that cannot be read, or whose own files are elsewhere. */
  z.strictObject({ ...at, kind: z.literal('unreadable'), problem: z.string().max(4096) }),
]);

export type Loss = Readonly<z.infer<typeof loss>>;
export type Operation = (typeof OPERATIONS)[number];

/** As a message in English names it. */
export function lossName(lost: Loss): string {
  const where = lost.path === '' ? '' : `${lost.path}: `;
  const ref = storedRef(lost);
  return `${where}${whatIsLost(lost)}${ref === undefined ? '' : ` (also in your clone's submodule, under ${ref})`}`;
}

/** What keeps the same commits in the submodule of the clone. */
export function storedRef(lost: Loss): string | undefined {
  return 'ref' in lost ? lost.ref : undefined;
}

function whatIsLost(lost: Loss): string {
  switch (lost.kind) {
    case 'changes':
      return lost.files.join(', ');
    case 'ignored':
      return `${lost.files.join(', ')} (ignored)`;
    case 'commits':
      return lost.branches.map((branch) => `branch ${branch}`).join(', ');
    case 'detached':
      return `commit ${lost.commit.slice(0, 10)} (on no branch)`;
    case 'stashes':
      return counted(lost.count, 'stashes');
    case 'operation':
      return `unfinished ${lost.operation}`;
    case 'repository':
      return `nested repository${lost.hasCommits ? '' : ' without commits'}`;
    case 'unreadable':
      return `repository that cannot be read (${lost.problem})`;
  }
}

/** What else than files that are not committed in the tree itself. */
export function besidesFiles(losses: readonly Loss[]): Loss[] {
  return losses.filter(({ kind, path }) => kind !== 'changes' || path !== '');
}
