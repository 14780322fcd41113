/**
 * Work that came with a folder waits for a person, and agents run only after a person has allowed their command line.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { IcProject } from '../../../support/records/icProject';
import { McpSession } from '../../../support/ic/mcp';

describe('a record that came with its folder', function () {
  this.timeout(60_000);
  let project: IcProject;
  const sessions: McpSession[] = [];

  beforeEach(async () => {
    project = await IcProject.open();
  });
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()));
    await project.close();
  });

  it('starts no agent that another user has entered, when its run is advanced', async () => {
    const run = await project.ok('run', 'create', '--goal=x', '--phases=["planned","executing","done"]');
    await project.write('.ic/prompts/smith.md', `touch '${project.at('canary')}'\n`);
    await project.ok('run', 'agent', 'add', run, '--type=shell', '--name=smith');
    // As on the machine of another user, who has cloned it.
    await rm(project.at('state'), { recursive: true });
    const { code, stderr } = await project.run(['run', 'advance', run]);
    assert.equal(code, 0);
    assert.match(stderr, /was not started: it came with this folder/);
    assert.deepEqual(await project.rows('SELECT id FROM dispatches'), []);
    assert.equal(existsSync(project.at('canary')), false);
  });

  const kinds = async (args: readonly string[]): Promise<Record<string, string>> => ({
    INTERCORE_AGENT_KINDS: await project.write(
      'kinds.json',
      JSON.stringify([{ name: 'helper', command: 'sh', args, promptBy: 'file' }]),
    ),
  });

  async function server(env: Readonly<Record<string, string>>): Promise<McpSession> {
    const session = await McpSession.open({ cwd: project.folder, env: { ...project.env, ...env } });
    sessions.push(session);
    return session;
  }

  it('runs agents for a client only while their kind is allowed in its current definition', async () => {
    const env = await kinds(['${promptFile}']);
    const start = { kind: 'helper', prompt: 'true' };
    assert.deepEqual(await (await server(env)).call('dispatches_start', start), { code: 'AGENT_NOT_ALLOWED' });
    assert.deepEqual(await (await server(env)).call('dispatches_queue', start), { code: 'AGENT_NOT_ALLOWED' });
    assert.equal((await project.run(['agent', 'allow', 'helper'], { env })).code, 0);
    assert.ok('result' in (await (await server(env)).call('dispatches_start', start)));
    const changed = await kinds(['${promptFile}', '--more']);
    assert.deepEqual(await (await server(changed)).call('dispatches_start', start), { code: 'AGENT_NOT_ALLOWED' });
    assert.equal((await project.run(['agent', 'revoke', 'helper'], { env })).code, 0);
    await kinds(['${promptFile}']);
    assert.deepEqual(await (await server(env)).call('dispatches_start', start), { code: 'AGENT_NOT_ALLOWED' });
  });

  it('does not let agents allow agents', async () => {
    const { code } = await project.run(['agent', 'allow', 'claude'], { env: { INTERCORE_DISPATCH_ID: 'd1' } });
    assert.equal(code, 1);
  });
});
