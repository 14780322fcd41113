/** The agent kinds of `ic`: the built-in ones and those of the editor's settings, but none from a project. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
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
      assert.match(stdout, /^claude-acp\tnot allowed\t/m);
      assert.match(stdout, /^pinned\tcannot be added\tThe pinned\t1\.2\.3\tMIT\tThe list has no checksum/m);
      assert.match(stderr, /The list is from http:\/\/127\.0\.0\.1:\d+\/registry.*, fetched 20/);
      assert.match((await project.run(['agent', 'add', 'pinned'])).stderr, /Agents to add: claude-acp, /);
    } finally {
      await server.close();
    }
  });

  describe('have a default', () => {
    let programs: string;
    beforeEach(async () => {
      programs = path.dirname(await project.write('programs/claude', '#!/bin/sh\nexit 1\n', 0o755));
    });

    /** Only the programs of the test are on PATH. */
    const said = async (words: string, settings?: object): Promise<string> => {
      if (settings !== undefined) await project.write('config/Code/User/settings.json', JSON.stringify(settings));
      const env = { PATH: programs, HOME: project.folder, XDG_CONFIG_HOME: project.at('config') };
      const { stdout, stderr } = await project.run(words.split(' '), { env });
      return stdout + stderr;
    };
    const inFolder = (): string => `is the default agent kind in ${project.folder}`;

    it('by what is installed, which ic agent list and ic doctor report', async () => {
      assert.match(await said('agent list'), new RegExp(`^ic: claude ${inFolder()}, because it is the first of `, 'm'));
      await project.write('programs/claude-agent-acp', '#!/bin/sh\nexit 1\n', 0o755);
      assert.match(await said('agent list'), new RegExp(`^ic: claude-acp ${inFolder()}, because`, 'm'));
      assert.match(
        await said('doctor'),
        /\[agents\] claude-acp is the default agent kind in ~, because it is the first /,
      );
    });

    it('of kinds whose missing programs ic agent list names', async () => {
      const listed = await said('agent list');
      assert.match(listed, /^claude\tnot allowed\tinstalled$/m);
      assert.match(listed, /^codex\tnot allowed\tmissing: codex$/m);
      assert.match(listed, /^claude-acp\tnot allowed\tmissing: claude-agent-acp$/m);
      await project.write('programs/codex-acp', '#!/bin/sh\nexit 1\n', 0o755);
      assert.match(await said('agent list'), /^codex-acp\tnot allowed\tmissing: codex$/m);
    });

    it('by the settings of the person, not by those of the project', async () => {
      const settings = { 'intercore.agents.default': 'codex' };
      await project.write('.vscode/settings.json', JSON.stringify(settings));
      assert.match(await said('agent list'), new RegExp(`^ic: claude ${inFolder()}, because`, 'm'));
      assert.match(await said('agent list', settings), new RegExp(`^ic: codex ${inFolder()}, selected in your`, 'm'));
    });

    it('by the record, which names nothing else than a kind to choose from', async () => {
      const id = await startedBy('codex');
      assert.match(await said('agent list'), new RegExp(`^ic: claude ${inFolder()}, because`, 'm'), 'it was named');
      await project.rows(`UPDATE dispatch_processes SET by_default = 1`);
      assert.match(await said('agent list'), new RegExp(`^ic: codex ${inFolder()}, as it was when`, 'm'));
      await project.rows(`UPDATE dispatches SET agent_type = 'shell' WHERE id = '${id}'`);
      assert.match(await said('agent list'), new RegExp(`^ic: claude ${inFolder()}, because`, 'm'));
    });

    it('that is reported as unknown where the settings or the record cannot be read', async () => {
      await project.write('config/Code/User/settings.json/x', '');
      assert.match(await said('agent list'), /^ic: The default agent kind is unknown: .*settings\.json/m);
      assert.match(await said('doctor'), /intercore\.agents\.default/);
    });

    async function startedBy(name: string): Promise<string> {
      const file = project.at('kinds.json');
      await writeAgentKinds(file, [{ ...ECHO, name }]);
      await project.run(['agent', 'allow', name], { env: { INTERCORE_AGENT_KINDS: file } });
      const { stdout, stderr } = await spawn(file, `--type=${name}`);
      assert.match(stdout, /\w/, stderr);
      await project.run(['dispatch', 'wait', stdout.trim(), '--poll=50ms']);
      assert.deepEqual(await project.rows('SELECT by_default FROM dispatch_processes'), ['0']);
      return stdout.trim();
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
