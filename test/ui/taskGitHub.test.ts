/**
 * A person and a repository on GitHub, in the window: forked and cloned, a diamond planned and built by the real Claude
 * CLI on a scripted model, and four pull requests merged.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git, PARCEL_API } from '../../scripts/demo/repositories';
import { BUILT_IN_AGENT_KINDS } from '../../src/services/agents/builtInKinds';
import { DIAMOND_SCRIPTS, DIAMOND_TITLES } from '../support/agents/diamond';
import { claudeEnvironment } from '../support/agents/environment';
import { installAgent, type Installation } from '../support/agents/install';
import { startModelServer, type ModelServer } from '../support/agents/server';
import { ApiDescription } from '../support/github/description';
import { commandLines, contentsBelow } from '../support/github/processes';
import { publishedDescription } from '../support/github/published';
import { GitHubServer } from '../support/github/server';
import { stageExtension } from '../../tools/stagedExtension';
import { writeAccount } from './support/account';
import { describeTask } from './support/forms';
import { withWorkbench } from './support/withWorkbench';
import { until } from '../support/until';
import { titleOf, viewName } from './support/titles';
import { describeLong, itLong } from '../support/long';
import { said } from './support/said';

const TASK = 'Late parcels: Tell people.';

describeLong('a project from GitHub in the window', function () {
  this.timeout(240_000);
  let place: string;
  let server: GitHubServer;
  let claude: Installation;
  let models: ModelServer;
  const token = `gho_${randomBytes(18).toString('hex')}`;
  const lines: string[] = [];

  before('search for claude', async function () {
    this.timeout(400_000);
    claude = await installAgent('claude');
    if (claude.kind === 'installed') return;
    console.warn(`      claude is skipped: ${claude.reason}`);
    this.skip();
  });

  const workbench = withWorkbench(async () => {
    assert.ok(claude.kind === 'installed');
    place = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-hub-')));
    models = await startModelServer(DIAMOND_SCRIPTS);
    const env = await claudeEnvironment({ url: models.url, home: path.join(place, 'home') });
    const kind = BUILT_IN_AGENT_KINDS.find(({ name }) => name === 'claude') ?? assert.fail('no kind');
    server = new GitHubServer(path.join(place, 'hub'), new ApiDescription(await publishedDescription()));
    await server.start();
    server.hub.tokens.set(token, 'ada');
    const content = path.join(place, 'content');
    await createRepository(content, PARCEL_API);
    await server.hub.add({ owner: 'octo', repo: 'Parcels', contentOf: content });
    const account = await writeAccount(path.join(place, 'account'), token);
    return {
      opens: 'workspace',
      scale: 2,
      builtins: 'lean',
      extensions: [await stageExtension(path.join(place, 'extension')), account],
      settings: {
        'intercore.agents.kinds': [{ ...kind, command: claude.binary, env }],
        'intercore.agents.useMcp': false,
        'intercore.github.address': server.url,
        'intercore.storage.directory': path.join(place, 'storage'),
      },
    };
  });
  after('stop the servers', async () => {
    if (claude.kind !== 'installed') return;
    await Promise.all([server.close(), models.close()]);
    await rm(place, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    assert.deepEqual({ violations: server.violations, errors: models.errors }, { violations: [], errors: [] });
  });

  const view = () => workbench().tree(viewName('tasks'));
  const input = () => workbench().quickInput;
  const answer = async (text: string): Promise<void> => {
    await input().fill(text);
    await input().accept();
  };
  const says = async (label: string, text: RegExp): Promise<void> => {
    await view().row(label).locator.locator('.label-description', { hasText: text }).waitFor({ timeout: 90_000 });
  };
  const clone = (): string => path.join(place, 'storage', 'projects', 'ada', 'Parcels');
  const upstream = () => server.hub.find('octo', 'Parcels') ?? assert.fail('no upstream');

  before('show the view', async () => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(620);
    await view().expand();
  });

  it('forks and clones what its address names, after a sign-in, and opens it', async () => {
    await view()
      .welcome.getByRole('button', { name: titleOf('project.addFromGitHub') })
      .click();
    await input().waitFor(said('Address of the repository, or owner/repository'));
    await input().fill('https://gitlab.com/octo/parcels');
    await input().waitForMessage(/Invalid url: gitlab\.com is not 127\.0\.0\.1\./);
    await workbench().screenshot('github-add');
    await answer('octo/Parcels');
    await workbench()
      .dialog.getByText(/wants to sign in using Test GitHub/)
      .waitFor();
    await workbench().answerDialog(said('Allow'));
    await view()
      .welcome.getByRole('button', { name: titleOf('task.create') })
      .waitFor({ timeout: 90_000 });
    assert.equal(upstream().pushers.has('ada'), false);
    assert.ok((await git(clone(), ['remote', '--verbose'])).includes(`${server.url}/ada/Parcels.git`));
  });

  it('plans a diamond, and brings its first part out as a pull request', async () => {
    await view()
      .welcome.getByRole('button', { name: titleOf('task.create') })
      .click();
    await describeTask(workbench(), TASK, true);
    await workbench()
      .dialog.getByText(/^Allow agents of kind claude in this workspace\?$/)
      .waitFor();
    await workbench().answerDialog(said('Allow'));
    await says('Write A', /pull request #1, ready to merge/);
    lines.push(...(await commandLines()));
    await workbench().screenshot('github-pull-request');
  });

  itLong('merges the pull requests on GitHub, from their rows, until the task is done', async () => {
    upstream().pushers.add('ada');
    for (const title of DIAMOND_TITLES) {
      await says(title, /pull request #\d, ready to merge/);
      await view().row(title).inlineAction(titleOf('subtask.merge'));
      await workbench()
        .dialog.getByText(/^Merge pull request #\d\?$/)
        .waitFor();
      if (title === 'Write A') await workbench().screenshot('github-merge');
      await workbench().answerDialog(said('Merge on GitHub'));
      if (title !== 'Write D') await says(title, /^merged/);
    }
    await says(TASK, /^4 of 4 merged/);
    await workbench().screenshot('github-done');
    const files = (await git(upstream().folder, ['ls-tree', '--name-only', 'main'])).match(/^.*\.txt$/gm) ?? [];
    assert.equal(files.length, 4);
    for (const file of files) assert.equal(await git(upstream().folder, ['show', `main:${file}`]), 'work\n');
    // The row is there with the merge, and the worktree is removed after it.
    await until(
      () => git(clone(), ['worktree', 'list']),
      (worktrees) => worktrees.trim().split('\n').length === 1,
    );
  });

  it('leaves the token nowhere: no command line, no file, no database, no log', async () => {
    const sent = Buffer.from(`x-access-token:${token}`).toString('base64');
    const places = new Map([
      ...(await contentsBelow(path.join(place, 'storage'))),
      ...(await contentsBelow(path.join(place, 'hub'))),
      ...(await contentsBelow(path.join(workbench().session.folder, 'data'))),
      ['command lines', lines.join('\n')],
      ['console', workbench().session.console.join('\n')],
    ] as const);
    assert.ok([...places.keys()].some((name) => name.endsWith('intercore.db')));
    for (const canary of [token, sent, sent.slice(24, -4)]) {
      const found = [...places].filter(([, text]) => text.includes(canary)).map(([name]) => name);
      assert.deepEqual(found, []);
    }
  });
});
