/** A permission policy of a task, whose agents may ask for nothing: `ic` refuses it, or says whom it does not hold back. */
import assert from 'node:assert/strict';
import { createRepository } from '../../../../scripts/demo/repositories';
import type { IcResult } from '../../../support/ic/ic';
import { McpSession } from '../../../support/ic/mcp';
import { IcProject } from '../../../support/records/icProject';

const NOTE = /^Agents of the kind claude ask for nothing, so the policy does not hold them back\.$/m;

describe('the permission policy of a task', function () {
  this.timeout(60_000);
  let project: IcProject;

  beforeEach(async () => {
    project = await IcProject.open();
    await createRepository(project.at('repository'), [{ message: 'Start', files: { 'a.txt': 'a' } }]);
    await project.ok('project', 'add', 'repository');
  });
  afterEach(() => project.close());

  const env = () => ({ XDG_CONFIG_HOME: project.at('config') });

  async function agents(planner: string, worker: string): Promise<void> {
    const settings = { 'intercore.tasks.planner': planner, 'intercore.tasks.worker': worker };
    await project.write('config/Code/User/settings.json', JSON.stringify(settings));
  }

  async function run(...args: string[]): Promise<IcResult> {
    return await project.run(args, { env: env(), input: 'Say hello.' });
  }

  const create = (policy: string): Promise<IcResult> =>
    run('task', 'create', '--title=Greet', '--body-file=-', `--permissions=${policy}`);

  it('is refused where none of its agents asks, unless it allows everything', async () => {
    await agents('claude', 'codex');
    const refused = await create('askAll');
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /agents of the kinds claude, codex run without a session and ask for nothing/);
    assert.equal(await project.ok('task', 'list'), '');
    const allowed = await create('allowAll');
    assert.deepEqual({ code: allowed.code, stderr: allowed.stderr }, { code: 0, stderr: '' });
    const set = await run('task', 'permissions', allowed.stdout.trim(), '--permissions=denyAsked');
    assert.equal(set.code, 3);
    assert.match(set.stderr, /ask for nothing/);
  });

  it('names the agents that it does not hold back, also where their kind changed later', async () => {
    await agents('claude-acp', 'claude');
    const created = await create('askAll');
    assert.equal(created.code, 0);
    assert.match(created.stderr, NOTE);
    const task = created.stdout.trim();
    await agents('claude-acp', 'claude-acp');
    const asking = await run('task', 'show', task);
    assert.match(asking.stdout, /^Policy: askAll$/m);
    assert.doesNotMatch(asking.stdout, /ask for nothing/);
    await agents('claude', 'claude');
    assert.match((await run('task', 'show', task)).stdout, /Agents of the kind claude ask for nothing/);
    const shown = JSON.parse((await run('task', 'show', task, '--json')).stdout) as Record<string, unknown>;
    assert.deepEqual(shown['unasked_kinds'], ['claude']);
    await run('task', 'hand-over', task, '--to=claude-acp');
    assert.match((await run('task', 'permissions', task, '--permissions=denyAsked')).stderr, NOTE);
  });

  it('is refused for a client of ic mcp in the same way', async () => {
    await agents('claude', 'claude');
    const session = await McpSession.open({ cwd: project.folder, env: { ...project.env, ...env() } });
    try {
      const task = { title: 'Greet', description: 'Say hello.', permissions: 'askAll' };
      assert.deepEqual(await session.call('tasks_create', task), { code: 'INVALID_ARGUMENT' });
    } finally {
      await session.close();
    }
  });
});
