/** Projects of the GitHub on loopback: added as a person adds them, with a subtask whose work is done. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../../../scripts/demo/repositories';
import { systemPorts } from '../../../src/host/clock';
import { sha } from '../../../src/kernel/text/gitNames';
import type { Project, Subtask, Task } from '../../../src/kernel/tasks/record/model';
import { placeSubtask, recordProof, startSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { addProject, createTask, getTask, listProjects } from '../../../src/kernel/tasks/service';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import type { Publish } from '../../../src/services/tasks/deps';
import { addGitHubProject, type GitHubProjectDeps } from '../../../src/services/tasks/project/githubProjects';
import type { MergeDeps } from '../../../src/services/tasks/landing/merge';
import { publishToGitHub, type PublishSettings } from '../../../src/services/tasks/landing/pullRequests';
import { planned, PROOF, workplaceAt } from '../tasks/taskRecord';
import type { GitHubFixture } from './gitHubFixture';

/** What *Add Project from GitHub* works with, the project being recorded in one kernel. */
export function projectDeps(gitHub: GitHubFixture, kernel: ProjectKernel): GitHubProjectDeps {
  return {
    github: gitHub.api(),
    git: gitHub.git(),
    transport: gitHub.transport(),
    ports: systemPorts,
    log: gitHub.log,
    storageDir: path.join(gitHub.folder, 'storage'),
    projects: () => kernel.read((r) => listProjects(r)),
    record: (project) => kernel.write((u) => addProject(u, project)),
  };
}

/** A project in which agents can commit, although their home has no identity. */
export async function projectForAgents(gitHub: GitHubFixture, kernel: ProjectKernel, url: string): Promise<Project> {
  const project = await addGitHubProject(projectDeps(gitHub, kernel), url);
  await git(project.clonePath, ['config', 'user.name', 'Ada']);
  await git(project.clonePath, ['config', 'user.email', 'ada@example.com']);
  return project;
}

/** A task whose parts start automatically. */
export function taskIn(kernel: ProjectKernel, { id: projectId }: Project): Promise<Task> {
  const facts = { projectId, title: 'Late parcels', description: 'Tell people.', autoStart: true };
  return kernel.write((u) => createTask(u, facts));
}

export function publisher(
  gitHub: GitHubFixture,
  kernel: ProjectKernel,
  settings: Partial<PublishSettings> = {},
): Publish {
  return publishToGitHub({
    kernel,
    git: gitHub.git(),
    transport: gitHub.transport(),
    github: gitHub.api(),
    log: gitHub.log,
    settings: () => ({ draft: false, labels: [], ...settings }),
  });
}

/** What merging and syncing works with. */
export function mergeDeps(gitHub: GitHubFixture, kernel: ProjectKernel): MergeDeps {
  const { log } = gitHub;
  return { kernel, git: gitHub.git(), transport: gitHub.transport(), log, github: () => gitHub.api() };
}

export interface Work {
  readonly project: Project;
  readonly task: Task;
  readonly subtask: Subtask;
}

/** A task with one subtask, whose branch has a commit that its base lacks. */
export async function workDone(kernel: ProjectKernel, project: Project, title = 'Count parcels'): Promise<Work> {
  const subtask = await kernel.write((u) => {
    const { subtasks } = planned(u, { [title]: [] });
    return Object.values(subtasks)[0] ?? assert.fail('no subtask');
  });
  return startWork(kernel, project, subtask.id);
}

/** Starts a subtask that is ready, with a commit of its own. */
export async function startWork(kernel: ProjectKernel, project: Project, id: string): Promise<Work> {
  const branchName = `${id}-work`;
  const remote = project.remote?.upstream === null ? 'origin' : 'upstream';
  const base = (await git(project.clonePath, ['rev-parse', `refs/remotes/${remote}/${project.defaultBranch}`])).trim();
  await git(project.clonePath, ['checkout', '--quiet', '-b', branchName, base]);
  await addCommit(project, `${id}.txt`);
  const subtask = await kernel.write((u) => {
    startSubtask(u, id);
    return placeSubtask(u, id, workplaceAt(branchName, project.clonePath, base));
  });
  return proven(kernel, { project, subtask, task: kernel.read((r) => getTask(r, subtask.taskId)) });
}

/** Its proof is of the commit that its branch is at. */
export async function proven(kernel: ProjectKernel, work: Work): Promise<Work> {
  const { project, subtask } = work;
  const head = await git(project.clonePath, ['rev-parse', `refs/heads/${subtask.branchName ?? ''}`]);
  const proof = { ...PROOF, commit: sha.parse(head.trim()) };
  return { ...work, subtask: await kernel.write((u) => recordProof(u, subtask.id, proof)) };
}

export async function addCommit({ clonePath }: Project, file: string, text = file): Promise<string> {
  await writeFile(path.join(clonePath, file), text);
  await git(clonePath, ['add', '--all']);
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  await git(clonePath, [...identity, 'commit', '--quiet', '--message', `Add ${file}`]);
  return (await git(clonePath, ['rev-parse', 'HEAD'])).trim();
}
