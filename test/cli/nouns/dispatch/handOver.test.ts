/** Handing the work of a running session over to another agent kind, from a shell. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { writeAgentKinds } from '../../../../src/host/state/agentKindsFile';
import { itLong } from '../../../support/long';
import { IcProject } from '../../../support/records/icProject';
import { scriptedKind } from '../../../support/sessions/scriptedKind';
import { until } from '../../../support/until';

const COMMIT = "git -c user.name=Ada -c user.email=ada@example.org commit -qm 'Add the parser'";
const WORK = `git init -q . && echo 1 > parser.ts && git add parser.ts && ${COMMIT} && echo 2 > lexer.ts`;
const PLAN = {
  sessionUpdate: 'plan',
  entries: [{ content: 'Test the parser', priority: 'high', status: 'pending' }],
};

describe('ic dispatch hand-over', function () {
  this.timeout(60_000);
  let project: IcProject;
  let first: string;
  const run = async (...line: readonly string[]) =>
    await project.run(line, { env: { INTERCORE_AGENT_KINDS: project.at('kinds.json') } });
  const ic = async (...line: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(...line);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };
  const statusOf = async (id: string) => await project.rows(`SELECT status FROM dispatches WHERE id = '${id}'`);

  beforeEach(async () => {
    project = await IcProject.open();
    await project.write('task.md', 'Write the parser');
    const turn = [{ run: WORK }, { say: 'Half of it' }, { update: PLAN }, { hang: true as const }];
    await writeAgentKinds(project.at('kinds.json'), [
      await scriptedKind(project.folder, { turns: [turn] }, 'first'),
      await scriptedKind(project.folder, { turns: [[{ say: 'All of it' }]] }, 'second'),
      { name: 'absent', command: 'no-such-agent', args: [], promptBy: 'stdin', parser: 'plain' },
    ]);
    first = await ic('dispatch', 'spawn', '--type=first', '--prompt-file=task.md');
    await until(
      () => ic('dispatch', 'transcript', first),
      (text) => text.includes('Test the parser'),
    );
  });
  afterEach(async () => {
    await run('dispatch', 'kill', first);
    await project.close();
  });

  it('ends the agent, and starts another one that knows what was done', async () => {
    const second = await ic('dispatch', 'hand-over', first, '--to=second');
    assert.deepEqual(await statusOf(first), ['cancelled']);
    await ic('dispatch', 'wait', second, '--poll=50ms');
    const rows = await project.rows(
      `SELECT agent_type, status, parent_id, cwd FROM dispatches JOIN dispatch_processes ON dispatch_id = id WHERE id = '${second}'`,
    );
    assert.deepEqual(rows, [`second|completed|${first}|${project.folder}`]);
    const journal = await readFile(project.at('second-journal'), 'utf8');
    for (const part of [
      'Write the parser',
      'Add the parser',
      'untracked: lexer.ts',
      '[ ] Test the parser',
      'Half of it',
    ]) {
      assert.ok(journal.includes(part), part);
    }
  });

  it('leaves the agent running where the program of the other kind is missing', async () => {
    const { code, stderr } = await run('dispatch', 'hand-over', first, '--to=absent');
    assert.deepEqual({ code, status: await statusOf(first) }, { code: 2, status: ['running'] });
    assert.match(stderr, /no-such-agent.*there is no such program/);
  });

  itLong('refuses to hand over a second time while the other agent is running', async () => {
    const second = await ic('dispatch', 'hand-over', first, '--to=first');
    const { code, stderr } = await run('dispatch', 'hand-over', first, '--to=second');
    await ic('dispatch', 'kill', second);
    assert.equal(code, 3);
    assert.ok(stderr.includes(`dispatch ${second}, which it started or which continues it, is still running`), stderr);
  });

  it('leaves the agent running where the other kind cannot start', async () => {
    const { code, stderr } = await run('dispatch', 'hand-over', first, '--to=nope');
    assert.equal(code, 2, stderr);
    assert.deepEqual(await statusOf(first), ['running']);
  });
});
