/**
 * The configuration of every call of git, which overrides all other: no program of a repository runs, and no option of
 * the user changes what our git does or prints. The user's settings for their own files and commits (identity, line
 * endings, filters, excludes, signing keys, network access) are kept. A test compares these keys with all keys of git.
 */
import { devNull } from 'node:os';

/** A key and a value of git's configuration. */
export type Setting = readonly [string, string];

/** Programs: hooks of a repository are for people and agents. */
const PROGRAMS: readonly Setting[] = [
  ['core.hooksPath', devNull],
  ['core.fsmonitor', 'false'],
  ['core.pager', 'cat'],
  ['core.editor', ':'],
  ['sequence.editor', ':'],
  ['core.alternateRefsCommand', ':'],
  // The allowed protocols of remotes; any other would start a program of the repository's choice.
  ['protocol.allow', 'never'],
  ...['file', 'git', 'http', 'https', 'ssh'].map((name): Setting => [`protocol.${name}.allow`, 'always']),
  ['protocol.ext.allow', 'never'],
  ['safe.bareRepository', 'explicit'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
];

/** Signatures: created only by `mergeSignature.ts`, and never printed. */
const SIGNATURES: readonly Setting[] = [
  ['commit.gpgSign', 'false'],
  ['tag.gpgSign', 'false'],
  ['tag.forceSignAnnotated', 'false'],
  ['push.gpgSign', 'false'],
  ['log.showSignature', 'false'],
  ['merge.verifySignatures', 'false'],
];

/** The format of output. */
const OUTPUT: readonly Setting[] = [
  ['core.quotePath', 'false'],
  ['core.abbrev', 'auto'],
  ...['advice', 'branch', 'diff', 'grep', 'interactive', 'pager', 'push', 'remote'].map(never),
  ...['showBranch', 'status', 'transport', 'ui'].map(never),
  ...['branch', 'clean', 'status', 'tag', 'ui'].map((what): Setting => [`column.${what}`, 'never']),
  ['i18n.logOutputEncoding', 'UTF-8'],
  ['log.abbrevCommit', 'false'],
  ['log.date', 'default'],
  ['log.decorate', 'false'],
  ['log.diffMerges', 'separate'],
  ['log.follow', 'false'],
  ['log.mailmap', 'false'],
  ['log.showRoot', 'true'],
  ['format.pretty', 'medium'],
  ['fetch.output', 'full'],
  ['branch.sort', 'refname'],
  ['tag.sort', 'refname'],
  ['status.aheadBehind', 'false'],
  ['status.branch', 'false'],
  ['status.displayCommentPrefix', 'false'],
  ['status.relativePaths', 'false'],
  ['status.short', 'false'],
  ['status.showStash', 'false'],
  ['status.showUntrackedFiles', 'normal'],
  ['status.submoduleSummary', 'false'],
];

/** What counts as a change, and how it is written. */
const CHANGES: readonly Setting[] = [
  ['diff.algorithm', 'default'],
  ['diff.colorMoved', 'no'],
  ['diff.colorMovedWS', 'no'],
  ['diff.context', '3'],
  ['diff.dstPrefix', 'b/'],
  ['diff.ignoreSubmodules', 'dirty'],
  ['diff.indentHeuristic', 'true'],
  ['diff.interHunkContext', '0'],
  ['diff.mnemonicPrefix', 'false'],
  ['diff.noprefix', 'false'],
  // An empty list of files: the order of git itself.
  ['diff.orderFile', '/dev/null'],
  ['diff.relative', 'false'],
  ['diff.renameLimit', '1000'],
  ['diff.renames', 'true'],
  ['diff.srcPrefix', 'a/'],
  ['diff.submodule', 'short'],
  ['diff.suppressBlankEmpty', 'false'],
  ['diff.wsErrorHighlight', 'none'],
  ['status.renameLimit', '1000'],
  ['status.renames', 'true'],
  // Files that are marked as unchanged would be ignored forever.
  ['core.ignoreStat', 'false'],
  // A snapshot must not fail because of line endings that a checkout changes.
  ['core.safecrlf', 'false'],
  ['add.ignoreErrors', 'false'],
  ['add.ignore-errors', 'false'],
  ['attr.tree', ''],
];

/** How commits are created, merged and copied, and how branches change. */
const STEPS: readonly Setting[] = [
  ['merge.autoStash', 'false'],
  ['merge.branchdesc', 'false'],
  ['merge.conflictStyle', 'merge'],
  ['merge.default', 'text'],
  ['merge.directoryRenames', 'conflict'],
  ['merge.ff', 'true'],
  ['merge.log', 'false'],
  ['merge.renameLimit', '7000'],
  ['merge.renames', 'true'],
  ['merge.renormalize', 'false'],
  ['merge.stat', 'false'],
  ['rerere.autoUpdate', 'false'],
  ['rerere.enabled', 'false'],
  ['commit.cleanup', 'default'],
  ['commit.status', 'false'],
  ['commit.verbose', 'false'],
  ['i18n.commitEncoding', 'UTF-8'],
  ['user.useConfigOnly', 'false'],
  ['submodule.propagateBranches', 'false'],
  ['submodule.recurse', 'false'],
  ['fetch.all', 'false'],
  ['fetch.prune', 'false'],
  ['fetch.pruneTags', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  ['fetch.writeCommitGraph', 'false'],
  ['push.autoSetupRemote', 'false'],
  ['push.default', 'nothing'],
  ['push.followTags', 'false'],
  ['push.recurseSubmodules', 'no'],
  ['clone.rejectShallow', 'false'],
  ['init.defaultBranch', 'main'],
  ['branch.autoSetupMerge', 'false'],
  ['branch.autoSetupRebase', 'never'],
  ['checkout.guess', 'false'],
  ['worktree.guessRemote', 'false'],
  // Git before 2.48 cannot use a repository that has relative ones.
  ['worktree.useRelativePaths', 'false'],
  // Another program may hold the lock of a branch briefly.
  ['core.filesRefLockTimeout', '1000'],
  ['core.packedRefsTimeout', '1000'],
  ['core.preferSymlinkRefs', 'false'],
];

function never(what: string): Setting {
  return [`color.${what}`, what === 'pager' ? 'false' : 'never'];
}

export const FIXED: readonly Setting[] = [...PROGRAMS, ...SIGNATURES, ...OUTPUT, ...CHANGES, ...STEPS];
