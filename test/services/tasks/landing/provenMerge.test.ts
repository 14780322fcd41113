/** Exactly the proven commit is merged and published: what comes after it is proven first. */
import assert from 'node:assert/strict';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { foreignText } from '../../../../src/kernel/errors/reasons/problem';
import type { Subtask } from '../../../../src/kernel/tasks/record/model';
import { isHeld } from '../../../../src/kernel/tasks/subtask/held';
import {
  completeSubtask,
  recordProof,
  resumePublishing,
  startSubtask,
} from '../../../../src/kernel/tasks/subtask/progress';
import { mergeOnThisMachine } from '../../../../src/services/tasks/landing/branchLanding';
import { ic } from '../../../support/ic/ic';
import { itLong } from '../../../support/long';
import { inWorktree, proofOf, worked } from '../../../support/tasks/proofFixture';
import { TaskFixture } from '../../../support/tasks/taskFixture';

describe('the proven commit', function () {
  this.timeout(60_000);
  let fixture: TaskFixture;
  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(() => fixture.close());

  const merge = (id: string) => mergeOnThisMachine(fixture.deps(fixture.dispatcher()), id);
  const files = async (): Promise<string> => fixture.git('ls-tree', '-r', '--name-only', 'main');

  async function completed(script = 'echo work > a.txt; commit'): Promise<Subtask> {
    const subtask = await worked(fixture, script);
    return completeAgain(subtask);
  }

  async function completeAgain(subtask: Subtask): Promise<Subtask> {
    const proof = await proofOf(fixture, subtask);
    if (proof.kind === 'unproven') assert.fail(proof.problem);
    return fixture.kernel.write((u) => {
      recordProof(u, subtask.id, proof);
      return completeSubtask(u, subtask.id, { pullRequest: null });
    });
  }

  it('is merged, and a commit that comes after it is proven first', async () => {
    const subtask = await completed();
    await inWorktree(fixture, subtask.id, 'echo later > later.txt; commit Later');
    await assert.rejects(merge(subtask.id), { code: 'PROOF_OUTDATED' });
    assert.doesNotMatch(await files(), /a\.txt|later\.txt/);
    const { status, stage, provenSha, lastError } = fixture.subtask(subtask.id);
    assert.deepEqual({ status, stage, provenSha }, { status: 'IN_PROGRESS', stage: 'verify', provenSha: null });
    assert.match(lastError ?? '', /is at commit [0-9a-f]{10}, but commit [0-9a-f]{10} was proven/);
    const again = await completeAgain(subtask);
    await merge(subtask.id);
    assert.match(await files(), /a\.txt\nlater\.txt/s);
    assert.equal(await fixture.git('rev-parse', 'main^2'), again.provenSha);
  });

  itLong('is merged where its branch is gone', async () => {
    const subtask = await completed();
    await inWorktree(
      fixture,
      subtask.id,
      'b=$(git symbolic-ref --short HEAD); git checkout -q --detach; git branch -qD "$b"',
    );
    await merge(subtask.id);
    assert.equal(await fixture.git('rev-parse', 'main^2'), subtask.provenSha);
  });

  itLong('is found again for work that was completed before commits were proven', async () => {
    const subtask = await completed();
    await fixture.kernel.write((u) => u.db.run('UPDATE subtasks SET proven_sha = NULL', []));
    await assert.rejects(merge(subtask.id), { code: 'PROOF_MISSING' });
    fixture.start();
    await fixture.when('completed again', () => fixture.subtask(subtask.id).status === 'COMPLETED');
    await merge(subtask.id);
    assert.match(await files(), /a\.txt/);
  });

  it('is called merged by ic once the base branch holds it, and not while there is no work', async () => {
    const subtask = await worked(fixture, 'true');
    const landing = async (): Promise<string> => {
      const { stdout, stderr } = await ic(['subtask', 'landing', subtask.id], { cwd: fixture.stage.project });
      return stdout.trim() || stderr;
    };
    assert.equal(await landing(), 'none');
    await inWorktree(fixture, subtask.id, 'echo work > a.txt; commit');
    assert.equal(await landing(), 'none');
    await fixture.git('merge', '--quiet', '--ff-only', subtask.branchName ?? '');
    assert.equal(await landing(), 'merged');
    await inWorktree(
      fixture,
      subtask.id,
      'b=$(git symbolic-ref --short HEAD); git checkout -q --detach; git branch -qD "$b"',
    );
    assert.equal(await landing(), 'none');
  });

  it('is not recorded as merged if the base branch got the work from elsewhere', async () => {
    const subtask = await completed();
    await fixture.git('merge', '--quiet', '--ff-only', subtask.branchName ?? '');
    await assert.rejects(merge(subtask.id), (error) => KernelError.is(error, 'BASE_HOLDS_WORK'));
    const { status, lastError } = fixture.subtask(subtask.id);
    assert.equal(status, 'COMPLETED');
    assert.match(lastError ?? '', /main already contains the work/);
  });

  it('is recorded as merged by the next call where a crash came after the merge', async () => {
    const subtask = await completed();
    await merge(subtask.id);
    await fixture.kernel.write((u) => {
      u.db.run("UPDATE subtasks SET status = 'COMPLETED', merged_at = NULL", []);
      u.db.run("UPDATE tasks SET status = 'ACTIVE'", []);
    });
    const tip = await fixture.git('rev-parse', 'main');
    await fixture.kernel.write((u) => u.db.run("UPDATE runs SET status = 'active', phase = 'executing'", []));
    assert.equal((await merge(subtask.id)).subtask.status, 'MERGED');
    assert.equal(await fixture.git('rev-parse', 'main'), tip);
  });

  it('is the only one that is published: after a move the work is proven again', async () => {
    const published: (string | null)[] = [];
    fixture.publish = ({ subtask }) => {
      published.push(subtask.provenSha);
      if (published.length > 1) return Promise.resolve(null);
      return Promise.reject(new KernelError('GITHUB_AUTH', { problem: foreignText<string>('signed out') }));
    };
    fixture.start();
    const task = await fixture.task();
    await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
    const id = fixture.read(task).subtasks[0]?.id ?? '';
    await fixture.kernel.write((u) => startSubtask(u, id));
    await fixture.when('held', () => isHeld(fixture.subtask(id)));
    await inWorktree(fixture, id, 'echo later > later.txt; commit Later');
    await fixture.kernel.write((u) => resumePublishing(u, id));
    await fixture.when('completed', () => fixture.subtask(id).status === 'COMPLETED');
    const { branchName, provenSha } = fixture.subtask(id);
    assert.equal(await fixture.git('rev-parse', branchName ?? ''), provenSha);
    assert.deepEqual(
      { count: published.length, last: published[1], isSame: published[0] === published[1] },
      { count: 2, last: provenSha, isSame: false },
    );
    assert.equal(fixture.attempts(task, id).length, 1, 'no agent works again');
  });
});
