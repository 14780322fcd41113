/** Work that links to other repositories: nothing is proven that only the worktree has. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { restoreSnapshot } from '../../../../src/host/git/snapshot/contentsReader';
import { listSnapshots } from '../../../../src/host/git/snapshot/snapshots';
import type { Subtask } from '../../../../src/kernel/tasks/record/model';
import { listProjects } from '../../../../src/kernel/tasks/service';
import { mergeOnThisMachine, recordMerge } from '../../../../src/services/tasks/landing/branchLanding';
import { repositoryOf } from '../../../../src/services/tasks/taskFolders';
import { getDispatch } from '../../../../src/kernel/dispatch/service';
import { completeSubtask, enterStage, recordProof, retrySubtask } from '../../../../src/kernel/tasks/subtask/progress';
import { git } from '../../../../scripts/demo/repositories';
import { listNotes } from '../../../../src/kernel/tasks/subtask/subtasks';
import { isCode } from '../../../support/projects';
import { addSubmodule, makeRemote } from '../../../support/tasks/nested';
import { inWorktree, proofOf, worked } from '../../../support/tasks/proofFixture';
import { SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';
import { itLong } from '../../../support/long';

const ADA = '-c user.name=Ada -c user.email=ada@example.com -c protocol.file.allow=always';
const NESTED = `mkdir app; cd app; git init --quiet; echo work > a.txt; git add a.txt; git ${ADA} commit --quiet -m Work; cd ..`;
/** Commits in the submodule and links to it; `$1` is what comes in between. */
const inSubmodule = (between: string): string =>
  `git ${ADA} submodule --quiet update --init; cd lib; echo work > work.txt; git add work.txt
   git ${ADA} commit --quiet -m Work; ${between}; cd ..; commit`;

describe('the proof of work that links to another repository', function () {
  this.timeout(60_000);
  let fixture: TaskFixture;
  let lib: string;
  beforeEach(async () => {
    fixture = await TaskFixture.open();
    lib = await makeRemote(path.join(fixture.stage.root, 'lib'));
  });
  afterEach(() => fixture.close());

  const withLibrary = (address = lib): Promise<void> => addSubmodule(fixture.stage.project, address, 'lib');
  const problemOf = async (script: string): Promise<string> => {
    const result = await proofOf(fixture, await worked(fixture, script));
    return result.kind === 'unproven' ? result.problem : assert.fail('it counts as proven');
  };

  it('is refused for a nested repository that was added as a link, with what to do', async () => {
    const problem = await problemOf(`${NESTED}; commit`);
    assert.match(problem, /“app” is a repository of its own.*rm -rf -- app\/\.git.*git submodule add/);
  });

  itLong('tells the next attempt what to do with a nested repository', async () => {
    const worker = `if test -e app; then
        git rm --quiet --cached -- app; rm -rf app/.git
      else ${NESTED}; fi
      git add --all; git commit --quiet -m Work; ic subtask close --reason=done`;
    await fixture.agents(SINGLE_PLANNER, worker);
    fixture.start();
    const task = await fixture.task({ autoStart: true });
    await fixture.when('done', () => fixture.read(task).subtasks[0]?.status === 'COMPLETED');
    const attempts = fixture.attempts(task, fixture.read(task).subtasks[0]?.id);
    assert.deepEqual(
      attempts.map(({ status }) => status),
      ['FAILED', 'SUCCEEDED'],
    );
    assert.match(attempts[0]?.errorMessage ?? '', /“app” is a repository of its own/);
    const last = fixture.kernel.read((r) => getDispatch(r, attempts[1]?.dispatchId ?? ''));
    assert.match(await readFile(last.promptFile ?? '', 'utf8'), /“app” is a repository of its own/);
  });

  itLong('is given once the files of the nested repository are part of the commit', async () => {
    const subtask = await worked(fixture, `${NESTED}; commit`);
    await inWorktree(fixture, subtask.id, 'git rm --quiet --cached -- app; rm -rf app/.git; git add -- app; commit');
    assert.equal((await proofOf(fixture, subtask)).kind, 'proven');
  });

  it('is refused for a commit of a submodule that was not pushed, and given once it was', async () => {
    await withLibrary();
    const subtask = await worked(fixture, inSubmodule(':'));
    const refused = await proofOf(fixture, subtask);
    assert.match(
      refused.kind === 'unproven' ? refused.problem : '',
      /“lib” is at the commit .* does not have.*git -C lib push/,
    );
    await inWorktree(fixture, subtask.id, 'git -C lib push --quiet origin HEAD:refs/heads/work');
    const proof = await proofOf(fixture, subtask);
    if (proof.kind !== 'proven') assert.fail(proof.problem);
    await fixture.kernel.write((u) => {
      recordProof(u, subtask.id, proof);
      enterStage(u, subtask.id, 'pr');
      completeSubtask(u, subtask.id, { pullRequest: null });
    });
    await mergeOnThisMachine(fixture.deps(fixture.dispatcher()), subtask.id);
    assert.match(await fixture.git('ls-tree', 'main', 'lib'), /^160000 commit /);
    assert.equal(fixture.subtask(subtask.id).worktreePath, null);
    assert.equal(await fixture.git('for-each-ref', 'refs/intercore/snapshots'), '', 'nothing had to be kept');
  });

  itLong('is given to a retry once a person has done what the refusal says', async () => {
    await withLibrary();
    const worker = `if test ! -e lib/first.txt; then commit() { git add --all; git ${ADA} commit --quiet -m Link; }
        ${inSubmodule(':')}
      fi; ic subtask close --reason=done`;
    fixture.settings = { ...fixture.settings, maxAttempts: 1 };
    await fixture.agents(SINGLE_PLANNER, worker);
    fixture.start();
    const task = await fixture.task({ autoStart: true });
    await fixture.when('refused', () => fixture.read(task).subtasks[0]?.status === 'BLOCKED');
    const id = fixture.read(task).subtasks[0]?.id ?? assert.fail();
    const command = /for example with: (.*?);/.exec(fixture.subtask(id).lastError ?? '')?.[1] ?? assert.fail();
    await inWorktree(fixture, id, command.replace('<branch>', 'work'));
    await inWorktree(fixture, id, `cd lib; git checkout --quiet -b idea; echo > idea.txt; commit`);
    await inWorktree(fixture, id, 'git -C lib checkout --quiet --detach HEAD~1');
    await fixture.kernel.write((u) => void retrySubtask(u, id));
    await fixture.when('proven', () => fixture.subtask(id).status === 'COMPLETED');
    await mergeOnThisMachine(fixture.deps(fixture.dispatcher()), id);
    // What the remote has not is in the submodule of the clone, and the subtask says so.
    const kept = `refs/intercore/submodules/${id}-merged`;
    const store = path.join(fixture.stage.project, '.git', 'modules', 'lib');
    assert.match(await git(store, ['for-each-ref', kept]), new RegExp(`commit\\s${kept}/heads/idea\\n$`));
    const [note] = fixture.kernel.read((r) => listNotes(r, id));
    assert.ok(note?.text.includes(`“lib”: in the submodule of your clone, under ${kept}`), note?.text);
  });

  /** Work that is proven by a commit of the submodule on the branch `work` of its remote. */
  const provenInLibrary = async (): Promise<Subtask> => {
    const subtask = await worked(fixture, inSubmodule('git push --quiet origin HEAD:refs/heads/work'));
    const proof = await proofOf(fixture, subtask);
    if (proof.kind !== 'proven') assert.fail(proof.problem);
    return fixture.kernel.write((u) => {
      recordProof(u, subtask.id, proof);
      enterStage(u, subtask.id, 'pr');
      return completeSubtask(u, subtask.id, { pullRequest: null });
    });
  };
  const loseBranch = async (): Promise<void> => {
    await git(lib, ['update-ref', '-d', 'refs/heads/work']);
    await git(lib, ['gc', '--quiet', '--prune=now']);
  };
  const merge = (id: string): Promise<unknown> => mergeOnThisMachine(fixture.deps(fixture.dispatcher()), id);
  const linked = async (ref: string): Promise<string> => (await fixture.git('rev-parse', `${ref}:lib`)).trim();

  it('is worth nothing for a merge once the remote of a submodule has lost the commit, until it is pushed again', async () => {
    await withLibrary();
    const { id, branchName } = await provenInLibrary();
    await loseBranch();
    const before = await fixture.git('rev-parse', 'main');
    await assert.rejects(merge(id), isCode('SUBMODULE_LOST'));
    assert.equal(await fixture.git('rev-parse', 'main'), before);
    assert.match(fixture.subtask(id).lastError ?? '', /the submodule lib, which is no longer on its remote/);
    await inWorktree(fixture, id, 'git -C lib push --quiet origin HEAD:refs/heads/work');
    const commit = await linked(branchName ?? '');
    await merge(id);
    assert.equal(await linked('main'), commit);
  });

  itLong('lets a merge keep the commit of a submodule in the clone whose remote is away', async () => {
    await withLibrary();
    const { id } = await provenInLibrary();
    await rename(lib, `${lib}-gone`);
    await merge(id);
    assert.equal(fixture.subtask(id).worktreePath, null);
    const store = path.join(fixture.stage.project, '.git', 'modules', 'lib');
    await git(store, ['gc', '--quiet', '--prune=now']);
    assert.equal((await git(store, ['cat-file', '-t', await linked('main')])).trim(), 'commit');
    const [note] = fixture.kernel.read((r) => listNotes(r, id));
    assert.match(note?.text ?? '', /“lib”: in the submodule of your clone/);
  });

  itLong('keeps the commit in the snapshot where the remote lost it and the clone has no such submodule', async () => {
    await withLibrary();
    const { id, worktreePath } = await provenInLibrary();
    await loseBranch();
    await fixture.git('submodule', '--quiet', 'deinit', '--force', 'lib');
    await rm(path.join(fixture.stage.project, '.git', 'modules', 'lib'), { recursive: true });
    const commit = await git(path.join(worktreePath ?? '', 'lib'), ['rev-parse', 'HEAD']);
    const deps = fixture.deps(fixture.dispatcher());
    await recordMerge(deps, fixture.subtask(id));
    assert.equal(fixture.subtask(id).worktreePath, null);
    const [kept] = await listSnapshots(
      await repositoryOf(
        deps,
        fixture.kernel.read((r) => listProjects(r)[0] ?? assert.fail()),
      ),
    );
    const folder = path.join(path.dirname(worktreePath ?? ''), 'restored');
    await fixture.git('worktree', 'add', '--quiet', '--detach', folder);
    await restoreSnapshot(
      await repositoryOf(
        deps,
        fixture.kernel.read((r) => listProjects(r)[0] ?? assert.fail()),
      ),
      folder,
      kept?.sha ?? '',
    );
    assert.equal(await git(path.join(folder, 'lib'), ['rev-parse', 'HEAD']), commit);
  });

  it('asks no remote where no link has changed', async () => {
    await withLibrary();
    await rename(lib, `${lib}-gone`);
    const result = await proofOf(fixture, await worked(fixture, 'echo work > a.txt; commit'));
    assert.equal(result.kind, 'proven');
  });

  itLong('finds nothing wrong with a submodule that is at rest', async () => {
    await withLibrary();
    const script = `git ${ADA} submodule --quiet update --init; echo work > a.txt; commit`;
    assert.equal((await proofOf(fixture, await worked(fixture, script))).kind, 'proven');
  });

  itLong('names files of a submodule that are not committed', async () => {
    await withLibrary();
    const script = `git ${ADA} submodule --quiet update --init; echo work > a.txt; commit; echo new > lib/new.txt; echo changed > lib/first.txt`;
    assert.match(await problemOf(script), /not everything is committed: lib\/first\.txt, lib\/new\.txt/);
  });

  it('waits for a remote that cannot be asked, and does not count that against the work', async () => {
    await withLibrary();
    const subtask = await worked(fixture, inSubmodule('git push --quiet origin HEAD:refs/heads/work'));
    await rename(lib, `${lib}-gone`);
    await assert.rejects(proofOf(fixture, subtask), isCode('SUBMODULE_UNREACHABLE'));
    await rename(`${lib}-gone`, lib);
    assert.equal((await proofOf(fixture, subtask)).kind, 'proven');
  });

  itLong('resolves an address from that of the superproject', async () => {
    await withLibrary('../lib');
    const script = inSubmodule('git push --quiet origin HEAD:refs/heads/work');
    assert.equal((await proofOf(fixture, await worked(fixture, script))).kind, 'proven');
  });

  it('is refused for a submodule whose remote is in the worktree itself', async () => {
    const script = `${NESTED}; printf '[submodule "app"]\\n\\tpath = app\\n\\turl = %s\\n' "$PWD/app" > .gitmodules; commit`;
    assert.match(await problemOf(script), /“app” is at the commit .* does not have/);
  });

  it('asks no remote in a way that starts a program', async () => {
    const canary = path.join(fixture.stage.root, 'was-run');
    const program = path.join(fixture.stage.root, 'evil.sh');
    await writeFile(program, `#!/bin/sh\ntouch ${canary}\n`, { mode: 0o755 });
    for (const address of [`ext::${program}`, `--upload-pack=${program}`]) {
      const script = `${NESTED}; printf '[submodule "app"]\\n\\tpath = app\\n\\turl = "%s"\\n' '${address}' > .gitmodules; commit`;
      const subtask = await worked(fixture, script);
      await assert.rejects(proofOf(fixture, subtask), isCode('SUBMODULE_UNREACHABLE'));
      assert.equal(existsSync(canary), false);
    }
  });
});
