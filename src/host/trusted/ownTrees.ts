/**
 * Working trees in which git may run: a clone or a worktree of ours, according to our own registry, never to the record
 * (`docs/design/trust.md`). `src/host/trusted/` makes these types; nothing else does.
 */
import type { InsideFolder } from './insideFolder';

declare const ownCloneBrand: unique symbol;
declare const ownWorktreeBrand: unique symbol;

/** The real, absolute path of a clone that we created, or whose location a person has trusted. */
export type OwnClone = string & { readonly [ownCloneBrand]: true };

/** The real, absolute path of a worktree that we created. */
export type OwnWorktree = string & { readonly [ownWorktreeBrand]: true };

/** Where git may run. */
export type GitFolder = InsideFolder | OwnClone | OwnWorktree;
