/** Work on a subtask without an agent: a real worktree, a script in it, and what the proof says. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { testGit } from '../git';
import { acceptPlan, createTask, getProject, getTask, listProjects } from '../../../src/kernel/tasks/service';
import { addSubtask } from '../../../src/kernel/tasks/subtask/subtasks';
import { enterStage, placeSubtask, startSubtask } from '../../../src/kernel/tasks/subtask/progress';
import type { Subtask } from '../../../src/kernel/tasks/record/model';
import { repositoryOf } from '../../../src/services/tasks/taskFolders';
import { proveWork, type ProofResult } from '../../../src/services/tasks/proof/proof';
import { prepareWorkplace } from '../../../src/services/tasks/work/worktreePreparation';
import type { TaskFixture } from './taskFixture';

const run = promisify(execFile);

/** Makes the worktree of a new subtask and runs a script in it; the subtask is at `verify` then. */
export async function worked(fixture: TaskFixture, script: string, title = 'Write A'): Promise<Subtask> {
  const deps = fixture.deps(fixture.dispatcher());
  const { project, id } = await fixture.kernel.write((u) => {
    const [first] = listProjects(u);
    if (first === undefined) throw new Error('there is no project');
    const task = createTask(u, { projectId: first.id, title: 'Late parcels', description: 'Tell people.' });
    const subtask = addSubtask(u, { taskId: task.id, title });
    acceptPlan(u, task.id, { path: 'plan.md' });
    startSubtask(u, subtask.id);
    return { project: first, id: subtask.id };
  });
  const workplace = await prepareWorkplace(deps, project, fixture.subtask(id));
  await fixture.kernel.write((u) => placeSubtask(u, id, workplace));
  await inWorktree(fixture, id, script);
  return fixture.kernel.write((u) => enterStage(u, id, 'verify'));
}

/** Runs a script in the worktree of a subtask. `$CLONE` is the clone's folder, `commit` commits all there is. */
export async function inWorktree(fixture: TaskFixture, id: string, script: string): Promise<void> {
  const { worktreePath } = fixture.subtask(id);
  const identity = '-c user.name=Ada -c user.email=ada@example.com';
  const commit = `commit() { git add --all && git ${identity} commit --quiet --message="\${1:-Work}"; }`;
  await run('sh', ['-ec', `${commit}\n${script}`], {
    cwd: worktreePath ?? '/',
    env: { ...process.env, CLONE: fixture.stage.project, GIT_AUTHOR_DATE: '', GIT_COMMITTER_DATE: '' },
  });
}

export async function proofOf(fixture: TaskFixture, { id }: Subtask): Promise<ProofResult> {
  const deps = fixture.deps(fixture.dispatcher());
  const { subtask, task, project } = fixture.kernel.read((r) => {
    const found = fixture.subtask(id);
    const owner = getTask(r, found.taskId);
    return { subtask: found, task: owner, project: getProject(r, owner.projectId) };
  });
  const { signal } = new AbortController();
  return proveWork({ ...deps, git: testGit() }, await repositoryOf(deps, project), {
    project,
    task,
    subtask,
    attempt: 1,
    signal,
  });
}
