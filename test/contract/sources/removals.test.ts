/**
 * What removes a working tree or a clone asks first what would be lost with it: there is one function for each, and a
 * new caller of what deletes needs a reason here.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { inProject } from '../../../tools/project';

/** What removes, and in which file it does that, with what keeps work from being lost. */
const REMOVALS: Readonly<Record<string, string>> = {
  'host/git/worktree/worktrees.ts: worktree remove': 'after takeSnapshot, by remove(); half-made ones hold no work',
  'host/git/worktree/unseenWorktree.ts: rm of the files of a worktree':
    'after keepDeleted, by forgetUnseen(); the folder itself is never touched',
  'host/launcher/dispatchFiles.ts: removeOwnFolder': 'files of a dispatch, which are no working tree',
  'services/tasks/project/cloneUpkeep.ts: removeOwnEntry': 'after refuseLoss, by freeClone(), and drafts of its own',
  'services/tasks/project/cloneUpkeep.ts: removeOwnFolder': 'deleteClone(), after refuseLoss by its one caller',
  'services/tasks/project/githubProjects.ts: removeOwnFolder': 'a clone that was made a moment ago and not recorded',
  'services/operations/task/gitHubProjects.ts: deleteClone': 'after refuseLoss',
};

const CALLS: readonly (readonly [string, RegExp])[] = [
  ['worktree remove', /'worktree', 'remove'/],
  ['rm of the files of a worktree', /\brm\(files,/],
  ['removeOwnFolder', /(?<!function )\bremoveOwnFolder\(/],
  ['removeOwnEntry', /(?<!function )\bremoveOwnEntry\(/],
  ['deleteClone', /(?<!function )\bdeleteClone\(/],
];

const source = (file: string): string => readFileSync(inProject('src', file), 'utf8');

describe('what removes working trees and clones', () => {
  it('is listed, with what keeps work from being lost', () => {
    const files = readdirSync(inProject('src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    const found = files.flatMap((file) => {
      const text = source(file);
      return CALLS.flatMap(([name, pattern]) =>
        pattern.test(text) ? [`${file.split(path.sep).join('/')}: ${name}`] : [],
      );
    });
    assert.deepEqual(found.sort(), Object.keys(REMOVALS).sort());
  });

  it('asks in one place what would be lost', () => {
    assert.match(source('host/git/snapshot/snapshotWriter.ts'), /await lossOf\(/);
    assert.match(source('services/tasks/project/cloneUpkeep.ts'), /await lossOf\(/);
    assert.match(source('services/operations/task/gitHubProjects.ts'), /refuseLoss\([^]*deleteClone\(/);
    assert.match(
      source('host/git/worktree/worktrees.ts'),
      /this\.snapshot\([^]*this\.forget\(known, snapshotId, keeps\)/,
    );
  });

  it('has the settings of ignored files and of time limits, whichever program makes git', () => {
    const makers: Readonly<Record<string, RegExp>> = {
      'cli/host/gitWith.ts': /settings: GitSettings,[^]*new Git\(\{\s*environment,\s*\.\.\.settings,/,
      'cli/host/gitHub.ts': /settings: GitSettings \| undefined,[^]*\.\.\.settings,/,
      'cli/lead/host.ts': /ignored: [^]*limits: [^]*gitHubOf\(.*, gitSettings, /,
      'window/editor/gitHubServices.ts': /limits: this\.limits[^]*ignored: .*ignoredChoice/,
      // Has what these give it, and what removes nothing.
      'services/tasks/project/gitHubConnection.ts': /new Git\(deps\)/,
      'services/demo/repositories.ts': /new Git\(/,
    };
    const files = readdirSync(inProject('src'), { recursive: true, encoding: 'utf8' })
      .map((file) => file.split(path.sep).join('/'))
      .filter((file) => file.endsWith('.ts') && /new Git\(|connectGitHub\(\{|gitHubOf\(this/.test(source(file)));
    for (const file of files) assert.match(source(file), makers[file] ?? /no program is listed here/, file);
  });
});
