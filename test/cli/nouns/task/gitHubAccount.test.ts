/** The account that `ic` uses on GitHub: from the environment, or from the program `gh`. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gitHubOf } from '../../../../src/cli/host/gitHub';
import { repositoryFacts } from '../../../../src/host/github/repositories';
import { Stranger } from '../../../support/github/stranger';

describe('the account of ic on GitHub', () => {
  let folder: string;
  let server: Stranger;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-gh-')));
    server = await Stranger.start();
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function ask(environment: NodeJS.ProcessEnv): Promise<void> {
    const env = { PATH: `${folder}:/usr/bin:/bin`, HOME: folder, GITHUB_SERVER_URL: server.url, ...environment };
    await assert.rejects(repositoryFacts(gitHubOf(env, [], undefined).github, { owner: 'octo', repo: 'parcels' }));
  }

  it('is read from gh, which gets only the variables that it needs', async function () {
    if (process.platform === 'win32') return this.skip();
    const [program, shown] = [path.join(folder, 'gh'), path.join(folder, 'shown')];
    await writeFile(program, `#!/bin/sh\nenv > ${shown}\necho gho_fromgh\n`, { mode: 0o755 });
    await ask({ OPENAI_API_KEY: 'canary', NODE_OPTIONS: '--title=canary', GH_CONFIG_DIR: '/config' });
    const environment = await readFile(shown, 'utf8');
    assert.doesNotMatch(environment, /canary/);
    assert.match(environment, /^GH_CONFIG_DIR=\/config$/m);
    assert.match(server.received[0] ?? '', /Bearer gho_fromgh/);
  });

  it('is that of the environment if there is one', async () => {
    await ask({ GH_TOKEN: 'gho_given' });
    assert.match(server.received[0] ?? '', /Bearer gho_given/);
  });
});
