/** *Add Project from GitHub…*, with real clones from a GitHub on loopback. */
import assert from 'node:assert/strict';
import { readdir, writeFile, mkdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../../../../scripts/demo/repositories';
import { ifThere } from '../../../../src/host/files/fileErrors';
import { noProcessBelow } from '../../../support/github/processes';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { listProjects } from '../../../../src/kernel/tasks/service';
import type { ProjectKernel } from '../../../../src/services/record/projectKernel';
import {
  addGitHubProject,
  refreshFork,
  type GitHubProjectDeps,
} from '../../../../src/services/tasks/project/githubProjects';
import { commitOf } from '../../../support/github/hub';
import { failure } from '../../../support/github/operations';
import { projectDeps } from '../../../support/github/projects';
import { GitHubFixture, OWN, UPSTREAM } from '../../../support/github/gitHubFixture';
import { isCode, Projects } from '../../../support/projects';

describe('adding a project from GitHub', function () {
  this.timeout(120_000);
  const gitHub = GitHubFixture.ofSuite();
  const projects = Projects.ofSuite();
  let kernel: ProjectKernel;
  let deps: GitHubProjectDeps;

  beforeEach(async () => {
    kernel = await projects.create();
    deps = projectDeps(gitHub, kernel);
  });

  /** Names of clones, of drafts of clones, and of rows. */
  async function leftovers(): Promise<readonly string[]> {
    const root = path.join(deps.storageDir, 'projects');
    const folders = await Promise.all(
      ['.cloning', OWN.owner, UPSTREAM.owner].map(
        async (name) => (await ifThere(readdir(path.join(root, name)))) ?? [],
      ),
    );
    return [...folders.flat(), ...kernel.read((r) => listProjects(r)).map(({ name }) => name)];
  }

  it('clones a repository that may be pushed to, and records it', async () => {
    const steps: string[] = [];
    const onStep = (step: string, name: string): void => void steps.push(`${step} ${name}`);
    const project = await addGitHubProject(deps, ` ${gitHub.server.url}/ADA/Stamps.git `, { onStep });
    const clonePath = path.join(deps.storageDir, 'projects', 'ada', 'stamps');
    assert.deepEqual(project, {
      id: project.id,
      createdAt: project.createdAt,
      updatedAt: project.updatedAt,
      name: 'stamps',
      remote: { ...OWN, upstream: null },
      defaultBranch: 'main',
      clonePath,
      isOurs: true,
    });
    assert.deepEqual(steps, ['look ADA/Stamps', 'clone ada/stamps', 'record ada/stamps']);
    const remotes = await git(clonePath, ['remote', '--verbose']);
    assert.match(remotes, new RegExp(`^origin\\t${gitHub.server.url}/ada/stamps\\.git \\(fetch\\)\\norigin\\t`));
    assert.equal(await git(clonePath, ['status', '--porcelain']), '');
    assert.deepEqual(await leftovers(), ['stamps', 'stamps']);
  });

  it('forks one that may not, and knows where it came from', async () => {
    const steps: string[] = [];
    gitHub.hub.forkLooks = 2;
    const onStep = (step: string): void => void steps.push(step);
    const project = await addGitHubProject(deps, 'octo/parcels', { onStep, forkWaitsMs: [1, 1, 1] });
    assert.deepEqual(project.remote, { owner: 'ada', repo: 'Parcels', upstream: UPSTREAM });
    assert.deepEqual(steps, ['look', 'fork', 'wait', 'wait', 'clone', 'record']);
    const remotes = await git(project.clonePath, ['remote', '--verbose']);
    assert.match(remotes, new RegExp(`upstream\\t${gitHub.server.url}/octo/Parcels\\.git \\(fetch\\)`));
    const upstream = gitHub.hub.find('octo', 'Parcels') ?? assert.fail('no upstream');
    const known = await git(project.clonePath, ['rev-parse', 'refs/remotes/upstream/main']);
    assert.equal(known.trim(), await commitOf(upstream, 'main'));
  });

  it('forks and fetches a private one with the same sign-in (D24)', async () => {
    const secret = await gitHub.hub.add({ owner: 'octo', repo: 'secret', contentOf: gitHub.content, isPrivate: true });
    secret.readers.add('ada');
    const project = await addGitHubProject(deps, 'octo/secret');
    await git(project.clonePath, ['rev-parse', 'refs/remotes/upstream/main', 'refs/remotes/origin/main']);
  });

  it('asks for a fresh token where git finds the old one refused', async () => {
    const stale = gitHub.token;
    const onStep = (step: string): void => {
      if (step === 'clone') gitHub.hub.tokens.clear();
    };
    await gitHub.hub.add({ owner: 'ada', repo: 'secret', contentOf: gitHub.content, isPrivate: true });
    assert.equal((await addGitHubProject(deps, 'ada/secret', { onStep })).name, 'secret');
    assert.deepEqual(gitHub.refused, [stale]);
  });

  it('refuses a repository that is a project already, by any of its names (D24)', async () => {
    await addGitHubProject(deps, 'octo/Parcels');
    const asked = gitHub.server.requests.length;
    for (const url of ['OCTO/parcels', 'git@127.0.0.1:octo/Parcels.git', 'ada/parcels']) {
      await assert.rejects(addGitHubProject(deps, url), isCode('PROJECT_EXISTS'), url);
    }
    assert.equal(gitHub.server.requests.length, asked, 'GitHub is not asked');
    assert.deepEqual(await leftovers(), ['Parcels', 'Parcels']);
  });

  it('refuses what is not there, what is archived, what is empty, and what is no address, and leaves nothing', async () => {
    await gitHub.hub.add({ owner: 'ada', repo: 'empty' });
    const old = await gitHub.hub.add({ owner: 'ada', repo: 'old', contentOf: gitHub.content });
    old.isArchived = true;
    await assert.rejects(addGitHubProject(deps, 'ada/nothing'), isCode('GITHUB_NOT_FOUND'));
    await assert.rejects(addGitHubProject(deps, 'ada/old'), /archived/);
    await assert.rejects(addGitHubProject(deps, 'ada/empty'), /no commit on main yet/);
    for (const url of [
      '',
      'stamps',
      'https://gitlab.com/ada/stamps',
      '../../etc',
      'ada/..',
      'ada/-x --upload-pack=x',
    ]) {
      await assert.rejects(addGitHubProject(deps, url), isCode('INVALID_ARGUMENT'), url);
    }
    assert.deepEqual(await leftovers(), []);
  });

  it('touches no folder that is there already', async () => {
    const folder = path.join(deps.storageDir, 'projects', 'ada', 'stamps');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'mine.txt'), 'mine');
    await assert.rejects(addGitHubProject(deps, 'ada/stamps'), isCode('FOLDER_TAKEN'));
    assert.deepEqual(await readdir(folder), ['mine.txt']);
  });

  it('leaves nothing where git fails in the middle, with the reason', async () => {
    gitHub.server.fail('git', { status: 500, body: 'on fire' });
    await assert.rejects(addGitHubProject(deps, 'ada/stamps'), (error) => {
      assert.ok(KernelError.is(error, 'GIT_FAILED'));
      assert.match(error.message, /500/);
      return true;
    });
    gitHub.server.fail('git', 'drop');
    await assert.rejects(addGitHubProject(deps, 'ada/stamps'), isCode('GIT_FAILED'));
    assert.deepEqual(await leftovers(), []);
    assert.equal((await addGitHubProject(deps, 'ada/stamps')).name, 'stamps');
  });

  it('leaves nothing where the upstream cannot be fetched', async () => {
    const secret = await gitHub.hub.add({ owner: 'octo', repo: 'gone', contentOf: gitHub.content });
    const fork = await gitHub.hub.fork(secret, 'ada');
    const hide = (step: string): void => {
      if (step === 'clone') secret.isPrivate = true;
    };
    await assert.rejects(addGitHubProject(deps, 'octo/gone', { onStep: hide }), isCode('GIT_FAILED'));
    assert.equal(fork.repo, 'gone');
    assert.deepEqual(await leftovers(), []);
  });

  it('leaves nothing where it cannot be recorded', async () => {
    const record = (): Promise<never> => Promise.reject(new KernelError('UNTRUSTED', { action: 'write' }));
    await assert.rejects(addGitHubProject({ ...deps, record }, 'ada/stamps'), isCode('UNTRUSTED'));
    assert.deepEqual(await leftovers(), []);
  });

  it('stops in the middle of a clone, and leaves neither files nor a process', async () => {
    const release = gitHub.server.holdGit();
    const stopping = new AbortController();
    const adding = addGitHubProject(deps, 'ada/stamps', { signal: stopping.signal });
    await Promise.race([gitHub.server.reached('info/refs'), adding]);
    stopping.abort();
    await assert.rejects(adding, { name: 'AbortError' });
    assert.deepEqual(await leftovers(), []);
    release();
    await noProcessBelow(path.join(deps.storageDir, 'projects', '.cloning'));
  });

  it('takes away what a crash left of a clone, once it is old', async () => {
    const drafts = path.join(deps.storageDir, 'projects', '.cloning');
    for (const name of ['old', 'new']) await mkdir(path.join(drafts, name, 'objects'), { recursive: true });
    const longAgo = new Date(Date.now() - 48 * 60 * 60 * 1000);
    await utimes(path.join(drafts, 'old'), longAgo, longAgo);
    await addGitHubProject(deps, 'ada/stamps');
    assert.deepEqual(await readdir(drafts), ['new']);
  });

  it('keeps a fork up to date without force, and says nothing worse than in the log', async () => {
    const project = await addGitHubProject(deps, 'octo/Parcels');
    const fork = gitHub.hub.find('ada', 'Parcels') ?? assert.fail('no fork');
    const upstream = gitHub.hub.find('octo', 'Parcels') ?? assert.fail('no upstream');
    const identity = ['-c', 'user.name=Bo', '-c', 'user.email=bo@example.com'];
    const commit = ['commit-tree', 'refs/heads/main^{tree}', '-p', 'refs/heads/main', '-m', 'Theirs'];
    const sha = (await git(upstream.folder, [...identity, ...commit])).trim();
    await git(upstream.folder, ['update-ref', 'refs/heads/main', sha]);
    await refreshFork(deps, project);
    assert.equal(await commitOf(fork, 'main'), sha);
    gitHub.server.fail('POST /repos/{owner}/{repo}/merge-upstream', failure(403, 'Not today'));
    await refreshFork(deps, project);
    assert.match(gitHub.logged.join('\n'), /fork not updated.*Not today/);
  });
});
