/** Every value that git is given stands behind the end of the options, or is that of an option that takes one. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { OPTIONS_WITH_VALUE } from '../../../src/host/git/gitArguments';
import { inProject } from '../../../tools/project';
import { parsedSource } from '../../support/documents/parsedSources';

/** Commands of git that the sources run. */
const COMMANDS = new Set([
  ...[
    'add',
    'apply',
    'branch',
    'cat-file',
    'check-attr',
    'checkout',
    'checkout-index',
    'clone',
    'commit',
    'commit-tree',
  ],
  ...['config', 'diff', 'diff-files', 'diff-index', 'diff-tree', 'fetch', 'for-each-ref', 'gc', 'hash-object', 'init'],
  ...['log', 'ls-files', 'ls-remote', 'ls-tree', 'merge', 'merge-base', 'merge-tree', 'push', 'read-tree', 'remote'],
  ...['reset', 'restore', 'rev-list', 'rev-parse', 'show', 'show-ref', 'status', 'symbolic-ref', 'update-index'],
  ...['update-ref', 'var', 'worktree', 'write-tree'],
]);
const ENDS = new Set(['--', '--end-of-options']);

/** File: value in front of the end of the options → why git cannot take it for one. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'host/git/worktree/cleanTree.ts: commit':
    'is a Sha; checkout before git 2.44 takes the end of the options for a file',
  'host/git/snapshot/contentsWriter.ts: ...parents': 'commit ids, each behind -p',
  'host/git/worktree/deletedWorktree.ts: ...parents': 'commit ids, each behind -p',
  'host/git/branch/fetch.ts: ...FETCH_FLAGS': 'options of ours',
  'host/git/branch/fetch.ts: UPLOAD_PACK': 'an option of ours',
  'host/git/merge/landedMerge.ts: ...flags': 'an option of ours',
  'host/git/merge/landedMerge.ts: ...parts': 'values of options that take one',
  "host/git/worktree/movedAside.ts: ...lockFlags('aside')": 'options and a reason of ours',
  'host/git/view/ownView.ts: ...flags': 'options of ours',
  "host/git/repository.ts: ...(besides === undefined ? [] : ['--', '.', `:(exclude,literal)${besides}`])":
    'starts with the end of the options',
  'host/git/branch/remoteDefault.ts: `remote.${REMOTE}.url`': 'is a literal',
  'host/git/repository.ts: ...STATUS_FLAGS': 'options of ours',
  'services/dispatch/follow/earlierWork.ts: ...STATUS_FLAGS': 'options of ours',
  'host/git/snapshot/snapshotWriter.ts: ...parents': 'commit ids, each behind -p',
  'host/git/snapshot/snapshots.ts: format': 'an option of ours',
  'host/git/nested/submoduleRemotes.ts: ...FETCH_FLAGS': 'options of ours',
  'host/git/nested/submoduleRemotes.ts: UPLOAD_PACK': 'an option of ours',
  'host/git/nested/submoduleRemotes.ts: flag': 'is one of two literals',
  'host/git/snapshot/submoduleStores.ts: ...FETCH_FLAGS': 'options of ours',
  'host/git/snapshot/submoduleStores.ts: UPLOAD_PACK': 'an option of ours',
  'host/git/transport/gitHubTransfers.ts: ...FETCH_FLAGS': 'options of ours',
  'host/git/transport/gitHubTransfers.ts: ...flags': 'options of ours, with a commit behind an equals sign',
  'host/git/transport/gitHubTransfers.ts: REFERENCE_FORMAT': 'an option of ours',
  "host/git/worktree/worktrees.ts: ...lockFlags('making')": 'options and a reason of ours',
  'host/git/worktree/worktrees.ts: ...args': 'a branch behind -b, and all else behind the end of the options',
  'services/doctor/checks/programs.ts: key': 'is one of two literals',
};

/** Commands that print names of files, which are quoted without `-z`. */
const NAMING = new Set([
  'diff',
  'diff-files',
  'diff-index',
  'diff-tree',
  'ls-files',
  'ls-tree',
  'merge-tree',
  'status',
]);

/** File → which references it moves or deletes. */
const MOVING: Readonly<Record<string, string>> = {
  'host/git/branch/branches.ts': 'branches',
  'host/git/worktree/deletedWorktree.ts': 'snapshots',
  'host/git/snapshot/snapshotWriter.ts': 'snapshots',
  'host/git/transport/gitHubTransfers.ts': 'remote-tracking branches of what was pushed',
};

interface Call {
  readonly file: string;
  readonly elements: readonly ts.Expression[];
}

function callsOfGit(): Call[] {
  return (
    readdirSync(inProject('src'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => path.join(entry.parentPath, entry.name))
      // The demo runs on literals of its own, and Beads is another program.
      .filter((file) => !/services.demo|host.beads/.test(relative(file)))
      .flatMap((file) => {
        const tree = parsedSource(file);
        const found: Call[] = [];
        const visit = (node: ts.Node): void => {
          const first = ts.isArrayLiteralExpression(node) ? node.elements[0] : undefined;
          if (ts.isArrayLiteralExpression(node) && first !== undefined && ts.isStringLiteral(first)) {
            const isCall = COMMANDS.has(first.text) && !isOperandOfArray(node);
            if (isCall) found.push({ file: relative(file), elements: node.elements });
          }
          node.forEachChild(visit);
        };
        if (/simple-git|git\/|[gG]it\b/.test(tree.text)) visit(tree);
        return found;
      })
  );
}

/** Part of a list of other things, not of arguments: `new Set([…])`, and lists of words. */
function isOperandOfArray(node: ts.ArrayLiteralExpression): boolean {
  return (
    node.elements.every((element) => ts.isStringLiteral(element) && /^[a-z-]+$/.test(element.text)) &&
    node.elements.length > 4
  );
}

const relative = (file: string): string => path.relative(inProject('src'), file).split(path.sep).join('/');

/** Values in front of the end of the options that are neither literal nor the value of an option. */
function looseValues({ file, elements }: Call): string[] {
  const loose: string[] = [];
  let isValue = false;
  for (const element of elements.slice(1)) {
    const text = ts.isStringLiteralLike(element) ? element.text : undefined;
    if (text !== undefined && ENDS.has(text)) return loose;
    const isOption = ts.isTemplateExpression(element) && /^--[a-z-]+=/.test(element.head.text);
    if (text === undefined && !isOption && !isValue) loose.push(`${file}: ${element.getText().replace(/\s+/g, ' ')}`);
    isValue = text !== undefined && OPTIONS_WITH_VALUE.has(text);
  }
  return loose;
}

describe('the values that git is given', () => {
  const calls = callsOfGit();

  it('are found in the sources', () => {
    assert.ok(calls.length > 60, `${calls.length} calls`);
  });

  it('stand behind the end of the options, each with no exception that has no reason', () => {
    assert.deepEqual([...new Set(calls.flatMap(looseValues))].sort(), Object.keys(EXCEPTIONS).sort());
  });

  it('never ask for names of files without -z, so that none is quoted', () => {
    const quoting = calls.filter(({ elements }) => {
      const [command, ...rest] = elements.map((element) => element.getText());
      const hasZ = rest.some((text) => text === "'-z'" || text === '...STATUS_FLAGS' || text === '...flags');
      return NAMING.has(command?.slice(1, -1) ?? '') && !hasZ;
    });
    assert.deepEqual(
      quoting.map(({ file, elements }) => `${file}: ${elements.map((element) => element.getText()).join(' ')}`),
      [],
    );
  });

  it('move or delete a branch in one file alone, after git’s own rule', () => {
    const moving = calls.filter(({ elements }) => {
      const words = elements.map((element) => element.getText());
      return words[0] === "'update-ref'" || (words[0] === "'branch'" && words.length > 1);
    });
    assert.deepEqual([...new Set(moving.map(({ file }) => file))].sort(), Object.keys(MOVING).sort());
  });
});
