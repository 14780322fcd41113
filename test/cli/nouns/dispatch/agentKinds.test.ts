/** The agent kinds of `ic`: the built-in ones and those of the editor's settings, but none from a project. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { AgentKind } from '../../../../src/contract/agentKinds';
import { writeAgentKinds } from '../../../../src/host/state/agentKindsFile';
import { LISTED, startListServer } from '../../../support/agents/listServer';
import type { IcResult } from '../../../support/ic/ic';
import { IcProject } from '../../../support/records/icProject';

const ECHO: AgentKind = { name: 'echo', command: '/bin/cat', args: [], promptBy: 'stdin', parser: 'plain' };

describe('the agent kinds of ic', function () {
  this.timeout(60_000);
  let project: IcProject;

  beforeEach(async () => {
    project = await IcProject.open();
    await project.write('task.md', 'Say this.\n');
  });
  afterEach(() => project.close());

  const spawn = (kinds: string | undefined, ...flags: string[]): Promise<IcResult> =>
    project.run(['dispatch', 'spawn', '--prompt-file=task.md', '--output=said', ...flags], {
      env: kinds === undefined ? {} : { INTERCORE_AGENT_KINDS: kinds },
    });

  it('include those of the file that the editor wrote', async () => {
    await writeAgentKinds(project.at('kinds/file.json'), [ECHO]);
    const { code, stdout, stderr } = await spawn(project.at('kinds/file.json'), '--type=echo');
    assert.equal(code, 0, stderr);
    await project.run(['dispatch', 'wait', stdout.trim(), '--poll=50ms']);
    assert.equal(await readFile(project.at('said'), 'utf8'), 'Say this.\n');
    assert.deepEqual(await project.rows('SELECT agent_type, status FROM dispatches'), ['echo|completed']);
  });

  it('are handed on to an agent, so that it can start them too', async () => {
    const file = project.at('kinds.json');
    await writeAgentKinds(file, [ECHO]);
    await project.write('task.md', 'echo "$INTERCORE_AGENT_KINDS"\n');
    const { code, stdout, stderr } = await spawn(file, '--type=shell');
    assert.equal(code, 0, stderr);
    await project.run(['dispatch', 'wait', stdout.trim(), '--poll=50ms']);
    assert.equal(await readFile(project.at('said'), 'utf8'), `${file}\n`);
  });

  it('need permission if a workspace has given a built-in name to another program', async () => {
    const file = project.at('kinds.json');
    await writeAgentKinds(file, [{ ...ECHO, name: 'claude' }]);
    const { code, stderr } = await spawn(file, '--type=claude');
    assert.notEqual(code, 0);
    assert.match(stderr, /claude/);
    assert.deepEqual(await project.rows('SELECT id FROM dispatches'), []);
    const env = { INTERCORE_AGENT_KINDS: file };
    assert.equal((await project.run(['agent', 'allow', 'claude'], { env })).code, 0);
    assert.equal((await spawn(file, '--type=claude')).code, 0);
    await writeAgentKinds(file, [{ ...ECHO, name: 'claude', args: ['-u'] }]);
    assert.notEqual((await spawn(file, '--type=claude')).code, 0);
  });

  it('stay as they are when the list of agents is fetched, which names what cannot be added', async () => {
    const server = await startListServer(LISTED);
    try {
      const settings = { 'intercore.agents.listAddress': server.address };
      await project.write('config/Code/User/settings.json', JSON.stringify(settings));
      const env = { XDG_CONFIG_HOME: project.at('config') };
      const { code, stdout, stderr } = await project.run(['agent', 'list', '--refresh'], { env });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^claude-acp\tnot allowed$/m);
      assert.match(stdout, /^pinned\tcannot be added\tThe pinned\t1\.2\.3\tMIT\tThe list has no checksum/m);
      assert.match(stderr, /The list is from http:\/\/127\.0\.0\.1:\d+\/registry.*, fetched 20/);
      assert.match((await project.run(['agent', 'add', 'pinned'])).stderr, /Agents to add: claude-acp, /);
    } finally {
      await server.close();
    }
  });

  it('are named by ic needs with the command that signs in, where an agent was not signed in', async () => {
    const file = project.at('kinds.json');
    const failures = [{ class: 'signIn' as const, text: 'please sign in' }];
    const args = ['-c', 'echo please sign in >&2; exit 1'];
    await writeAgentKinds(file, [{ ...ECHO, name: 'needy', command: '/bin/sh', args, failures }]);
    const { code, stdout, stderr } = await spawn(file, '--type=needy');
    assert.equal(code, 0, stderr);
    const env = { INTERCORE_AGENT_KINDS: file };
    await project.run(['dispatch', 'wait', stdout.trim(), '--poll=50ms'], { env });
    const needs = await project.run(['needs'], { env });
    assert.match(needs.stdout, /^Agent not signed in\tneedy\tneedy needs a sign-in: .*\tsign in: \/bin\/sh$/m);
  });

  it('never include those of settings in a project', async () => {
    await project.write('.vscode/settings.json', JSON.stringify({ 'intercore.agents.kinds': [ECHO] }));
    for (const kinds of [undefined, '', project.at('none.json')]) {
      const { code, stderr } = await spawn(kinds, '--type=echo');
      assert.equal(code, 2, String(kinds));
      assert.match(stderr, /There is no agent kind "echo"/);
    }
    assert.deepEqual(await project.rows('SELECT id FROM dispatches'), []);
  });

  for (const [what, content, problem] of [
    ['no JSON', '{', /INTERCORE_AGENT_KINDS.*kinds\.json/],
    ['another shape', '{"echo": "/bin/cat"}', /INTERCORE_AGENT_KINDS.*kinds\.json/],
    ['an unknown key', JSON.stringify([{ ...ECHO, shell: true }]), /INTERCORE_AGENT_KINDS.*kinds\.json: 0/],
  ] as const) {
    it(`are all refused if the file holds ${what}`, async () => {
      const { code, stderr } = await spawn(await project.write('kinds.json', content), '--type=shell');
      assert.equal(code, 3);
      assert.match(stderr, problem);
    });
  }

  it('are not read from a relative path, which could be in the project', async () => {
    await project.write('kinds.json', JSON.stringify([ECHO]));
    const { code, stderr } = await spawn('kinds.json', '--type=echo');
    assert.equal(code, 3);
    assert.match(stderr, /"kinds\.json" is not an absolute path/);
  });
});
