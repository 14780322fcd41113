/**
 * Nothing runs a command of git that forgets things of the whole repository: its worktrees, refs, and objects belong to
 * the person too. What is ours is removed one by one, by its name.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { FIXED } from '../../../src/host/git/config/fixedConfig';
import { inProject } from '../../../tools/project';
import { parsedSource } from '../../support/documents/parsedSources';

/** Words of git, next to each other, that forget or rewrite what is not named. */
const FORGETTING: readonly (readonly string[])[] = [
  ['gc'],
  ['prune'],
  ['prune-packed'],
  ['repack'],
  ['maintenance'],
  ['pack-refs'],
  ['filter-branch'],
  ['worktree', 'prune'],
  ['worktree', 'repair'],
  ['remote', 'prune'],
  ['remote', 'update'],
  ['reflog', 'expire'],
  ['reflog', 'delete'],
  ['stash', 'clear'],
  ['submodule', 'deinit'],
];

/** Lists of words in the sources that start like a command line of git, with their location. */
function commandLines(): { readonly file: string; readonly words: readonly string[] }[] {
  const files = readdirSync(inProject('src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));
  return files.flatMap((file) => {
    const tree = parsedSource(file);
    const lists: string[][] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isArrayLiteralExpression(node)) {
        lists.push(node.elements.map((element) => (ts.isStringLiteralLike(element) ? element.text : '…')));
      }
      node.forEachChild(visit);
    };
    // Only what reaches the git runner; `ic dispatch prune` is a command of ours.
    if (/[gG]it\b|git\//.test(tree.text)) visit(tree);
    return lists.map((words) => ({ file: path.relative(inProject('src'), file).split(path.sep).join('/'), words }));
  });
}

describe('what git is made to forget', () => {
  const lines = commandLines();

  it('is found where it would be in the sources', () => {
    assert.ok(lines.some(({ words }) => words[0] === 'worktree' && words[1] === 'remove'));
  });

  it('is never everything of a repository', () => {
    const found = lines.filter(({ words }) =>
      FORGETTING.some((command) => command.every((word, index) => words[index] === word)),
    );
    assert.deepEqual(found, []);
  });

  it('is removed where it is asked who runs in it: worktrees are made in one file', () => {
    const making = readdirSync(inProject('src'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => path.join(entry.parentPath, entry.name))
      .filter((file) =>
        /git\/worktree\/worktrees(\.js)?'/.test(readFileSync(file, 'utf8').replace(/^import type .*$/gm, '')),
      );
    assert.deepEqual(
      making.map((file) => path.relative(inProject('src'), file).split(path.sep).join('/')),
      ['services/tasks/taskFolders.ts'],
    );
  });

  it('is not cleaned up by git on its own after another command', () => {
    for (const setting of ['gc.auto', 'maintenance.auto']) {
      assert.ok(
        FIXED.some(([key, value]) => key === setting && ['0', 'false'].includes(value)),
        setting,
      );
    }
  });
});
