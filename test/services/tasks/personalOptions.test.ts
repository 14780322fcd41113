/** A whole task under a person who has set every option of git to its most surprising value: the results are the same. */
import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git as plainGit } from '../../../scripts/demo/repositories';
import { FIXED } from '../../../src/host/git/config/fixedConfig';
import { Repository } from '../../../src/host/git/repository';
import { listSnapshots } from '../../../src/host/git/snapshot/snapshots';
import { Worktrees } from '../../../src/host/git/worktree/worktrees';
import { changesOf } from '../../../src/services/tasks/proof/changes';
import { mergeOnThisMachine } from '../../../src/services/tasks/landing/branchLanding';
import { gitFolder, testGit } from '../../support/git';
import { SINGLE_PLANNER, TaskFixture } from '../../support/tasks/taskFixture';

/** Option → the value that does most harm; every other option of the table gets the opposite of ours. */
const NASTY: Readonly<Record<string, string>> = {
  'core.hooksPath': '{hooks}',
  'core.fsmonitor': '{program}',
  'core.pager': '{program}',
  'core.editor': '{program}',
  'sequence.editor': '{program}',
  'core.alternateRefsCommand': '{program}',
  'protocol.allow': 'never',
  'protocol.file.allow': 'never',
  'protocol.git.allow': 'never',
  'protocol.http.allow': 'never',
  'protocol.https.allow': 'never',
  'protocol.ssh.allow': 'never',
  'protocol.ext.allow': 'always',
  'safe.bareRepository': 'all',
  'gc.auto': '1',
  'core.abbrev': '4',
  'i18n.logOutputEncoding': 'UTF-16',
  'i18n.commitEncoding': 'ISO-8859-1',
  'log.date': 'relative',
  'log.diffMerges': 'combined',
  'format.pretty': 'oneline',
  'fetch.output': 'compact',
  'branch.sort': '-committerdate',
  'tag.sort': '-version:refname',
  'status.showUntrackedFiles': 'no',
  'diff.algorithm': 'patience',
  'diff.colorMoved': 'zebra',
  'diff.colorMovedWS': 'ignore-all-space',
  'diff.context': '0',
  'diff.dstPrefix': 'theirs',
  'diff.ignoreSubmodules': 'all',
  'diff.interHunkContext': '99',
  'diff.orderFile': '/does/not/exist',
  'diff.renameLimit': '1',
  'diff.renames': 'copies',
  'diff.srcPrefix': 'ours',
  'diff.submodule': 'log',
  'diff.wsErrorHighlight': 'all',
  'status.renameLimit': '1',
  'status.renames': 'copies',
  'attr.tree': 'HEAD',
  'merge.conflictStyle': 'diff3',
  'merge.default': 'binary',
  'merge.directoryRenames': 'true',
  'merge.ff': 'only',
  'merge.renameLimit': '1',
  'commit.cleanup': 'strip',
  'push.default': 'matching',
  'push.recurseSubmodules': 'on-demand',
  'init.defaultBranch': 'trunk',
  'branch.autoSetupMerge': 'always',
  'branch.autoSetupRebase': 'always',
  'core.filesRefLockTimeout': '0',
  'core.packedRefsTimeout': '0',
};
/** Options that are left to the person, and may not change a result all the same. */
const LEFT_TO_THE_PERSON: Readonly<Record<string, string>> = {
  'diff.external': '{program}',
  'diff.autoRefreshIndex': 'false',
  'pull.rebase': 'interactive',
  'pull.ff': 'only',
  'rebase.autoStash': 'true',
  'rebase.updateRefs': 'true',
  'commit.template': '/does/not/exist',
  'blame.ignoreRevsFile': '/does/not/exist',
  'gpg.program': '{program}',
  'user.signingKey': 'unknown',
  'advice.detachedHead': 'false',
  'notes.displayRef': 'refs/notes/*',
  'core.commentChar': ';',
  'pager.log': 'true',
  'pager.status': 'true',
  'worktree.guessRemote': 'true',
  'checkout.defaultRemote': 'elsewhere',
  'grep.fallbackToNoIndex': 'false',
  'alias.status': '!false',
  'alias.diff': '!false',
  'help.autoCorrect': '1',
  'core.warnAmbiguousRefs': 'false',
  'user.name': 'Ada',
  'user.email': 'ada@example.com',
};

const OPPOSITES: Readonly<Record<string, string>> = { true: 'false', false: 'true', never: 'always', no: 'yes' };

function nastyOptions(hooks: string, program: string): (readonly [string, string])[] {
  const fixed = FIXED.map(([key, value]): readonly [string, string] => {
    const nasty = NASTY[key] ?? OPPOSITES[value];
    return [key, nasty ?? assert.fail(`${key} has no nasty value in this test`)];
  });
  return [...fixed, ...Object.entries(LEFT_TO_THE_PERSON)].map(([key, value]) => [
    key,
    value.replace('{hooks}', hooks).replace('{program}', program),
  ]);
}

interface Results {
  readonly [what: string]: unknown;
}

describe('a task of a person with options of their own', function () {
  this.timeout(120_000);

  async function wholeTask(prepareHome: (home: string) => Promise<void>): Promise<Results> {
    const fixture = await TaskFixture.open();
    try {
      const home = path.join(fixture.stage.root, 'person');
      await mkdir(home);
      await prepareHome(home);
      fixture.gitEnvironment = { ...process.env, HOME: home, XDG_CONFIG_HOME: home };
      const git = testGit({ environment: fixture.gitEnvironment });
      const deps = { kernel: fixture.kernel, git, log: fixture.deps(fixture.dispatcher()).log };
      await fixture.agents(
        SINGLE_PLANNER,
        `mkdir -p src && git mv README.md src/READ.md && printf 'ä\\n' > 'zwei Wörter.txt' && git add --all && git commit --quiet -m Work
         ic subtask close --reason=done`,
      );
      fixture.start();
      const task = await fixture.task({ autoStart: true });
      await fixture.when('completed', () => fixture.read(task).subtasks[0]?.status === 'COMPLETED');
      const [subtask] = fixture.read(task).subtasks;
      const { files } = await changesOf(deps, subtask?.id ?? '');
      await mergeOnThisMachine(deps, subtask?.id ?? '');
      const repository = new Repository(git, await gitFolder(fixture.stage.project));
      const trees = new Worktrees(repository, path.join(fixture.stage.storage, 'worktrees', 'snapshots'));
      const [tree, restored] = ['one', 'two'].map((name) =>
        path.join(fixture.stage.storage, 'worktrees', 'snapshots', name),
      );
      if (tree === undefined || restored === undefined) assert.fail();
      await trees.add({ folder: tree, branch: 'other', baseSha: 'main' });
      await rename(path.join(tree, 'zwei Wörter.txt'), path.join(tree, 'drei.txt'));
      await writeFile(path.join(tree, 'crlf.txt'), 'one\r\ntwo\r\n');
      const uncommitted = await repository.uncommitted(await gitFolder(tree));
      await trees.remove(tree, 'kept');
      const [snapshot] = await listSnapshots(repository);
      if (snapshot === undefined) assert.fail('no snapshot');
      await trees.restore(snapshot, restored, 'restored');
      const clone = (...args: readonly string[]) => plainGit(fixture.stage.project, args);
      const message = await clone('log', '-1', '--format=%an <%ae>%n%B%n%e', 'main');
      return {
        files,
        uncommitted,
        attempts: fixture.attempts(task, subtask?.id ?? '').length,
        problem: fixture.subtask(subtask?.id ?? '').lastError,
        merged: await clone('ls-tree', '-r', 'main'),
        message: message.replaceAll(subtask?.id ?? '', 'ID'),
        status: await clone('status', '--porcelain'),
        branches: (await clone('for-each-ref', '--format=%(refname)')).replaceAll(subtask?.id ?? '', 'ID'),
        stashes: await clone('stash', 'list'),
        kept: await clone('ls-tree', '-r', snapshot.sha),
        restored: await readFile(path.join(restored, 'crlf.txt'), 'utf8'),
        pointer: /\.\.\//.test(await readFile(path.join(restored, '.git'), 'utf8')),
        checkedOut: (await repository.worktrees()).length,
        base: await repository.defaultBranch(),
        ahead: await repository.unpushedRefs(),
        subjects: (await repository.commitsBetween('main~1', 'main')).map(({ subject }) => subject),
      };
    } finally {
      await fixture.close();
    }
  }

  it('has the same results with every option at its most surprising value, and runs no program of theirs', async () => {
    const identity = '[user]\n\tname = Ada\n\temail = ada@example.com\n';
    const plain = await wholeTask((home) => writeFile(path.join(home, '.gitconfig'), identity));
    let canary = '';
    const nasty = await wholeTask(async (home) => {
      canary = path.join(home, 'was-run');
      const [hooks, program] = [path.join(home, 'hooks'), path.join(home, 'program.sh')];
      await mkdir(hooks);
      for (const file of [
        program,
        ...['post-checkout', 'reference-transaction', 'post-index-change'].map((hook) => path.join(hooks, hook)),
      ]) {
        await writeFile(file, `#!/bin/sh\necho "$0" >> ${canary}\nexit 1\n`);
        await chmod(file, 0o755);
      }
      const file = path.join(home, '.gitconfig');
      for (const [key, value] of nastyOptions(hooks, program))
        await plainGit(home, ['config', '--file', file, key, value]);
    });
    assert.deepEqual(nasty, plain);
    await assert.rejects(readFile(canary), { code: 'ENOENT' });
  });
});
