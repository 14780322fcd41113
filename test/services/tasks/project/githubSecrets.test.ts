/**
 * Where the token of GitHub must never be: searched for, byte by byte, after all that uses it (D1,
 * `docs/design/trust.md#secrets`).
 */
import assert from 'node:assert/strict';
import { completeSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import { addGitHubProject } from '../../../../src/services/tasks/project/githubProjects';
import { failure } from '../../../support/github/operations';
import { commandLines, contentsBelow } from '../../../support/github/processes';
import { projectDeps, publisher, workDone } from '../../../support/github/projects';
import { GitHubFixture } from '../../../support/github/gitHubFixture';
import { Projects } from '../../../support/projects';

describe('the token of GitHub', function () {
  this.timeout(120_000);
  const gitHub = GitHubFixture.ofSuite();
  const projects = Projects.ofSuite();

  /** The token, and the form that git sends it in. */
  function canaries(token: string): string[] {
    const sent = Buffer.from(`x-access-token:${token}`).toString('base64');
    // Base64 continues differently after each third byte, so that its middle alone is searched for as well.
    return [token, token.slice('gho_'.length), sent, sent.slice(24, -4)];
  }

  /** Lets git work on, once it was seen with what it shows of itself. */
  async function watched<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly lines: string[] }> {
    const release = gitHub.server.holdGit();
    const reached = gitHub.server.reached('info/refs');
    const working = work();
    await Promise.race([reached, working]);
    const lines = await commandLines();
    release();
    return { value: await working, lines };
  }

  async function failureOf(work: Promise<unknown>): Promise<string> {
    return work.then(
      () => assert.fail('expected a failure'),
      (error: unknown) =>
        error instanceof Error ? `${error.message} ${error.stack ?? ''} ${JSON.stringify(error)}` : '',
    );
  }

  it('is in no command line, no file, no address of a remote, no log and no error', async () => {
    const folder = await projects.folder();
    const kernel = projects.kernel(folder);
    await kernel.initialize();
    const deps = projectDeps(gitHub, kernel);
    const tokens = [gitHub.token];
    const errors = [
      await failureOf(addGitHubProject(deps, 'octo/nothing')),
      (gitHub.server.fail('git', { status: 403, body: `no ${gitHub.token}` }),
      await failureOf(addGitHubProject(deps, 'octo/Parcels'))),
    ];

    const added = await watched(() => addGitHubProject(deps, 'octo/Parcels'));
    assert.ok(
      added.lines.some((line) => /^git .*clone /.test(line)),
      'the clone was seen running',
    );
    const done = await workDone(kernel, added.value);
    gitHub.hub.tokens.clear();
    gitHub.server.fail('POST /repos/{owner}/{repo}/pulls', failure(422, `bad ${gitHub.token}`));
    errors.push(await failureOf(publisher(gitHub, kernel)(done)));
    tokens.push(gitHub.token);
    const published = await watched(() => publisher(gitHub, kernel)(done));
    assert.ok(
      published.lines.some((line) => /^git .*push /.test(line)),
      'the push was seen running',
    );
    await kernel.write((u) => completeSubtask(u, done.subtask.id, { pullRequest: published.value }));

    const places = new Map([
      ...(await contentsBelow(gitHub.folder)),
      ...(await contentsBelow(folder)),
      ['command lines', [...added.lines, ...published.lines].join('\n')],
      ['log', gitHub.logged.join('\n')],
      ['errors', errors.join('\n')],
    ] as const);
    assert.ok([...places.keys()].some((name) => name.endsWith('intercore.db')));
    assert.ok([...places].some(([name, text]) => name.endsWith('.git/config') && text.includes('octo/Parcels.git')));
    assert.match(gitHub.logged.join('\n'), /request to GitHub failed/);
    for (const canary of tokens.flatMap(canaries)) {
      const found = [...places].filter(([, text]) => text.includes(canary)).map(([name]) => name);
      assert.deepEqual(found, []);
    }
  });
});
