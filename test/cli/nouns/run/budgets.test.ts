/** Budgets shared by several real processes: no amount is reserved twice. */
import assert from 'node:assert/strict';
import { IcProject } from '../../../support/records/icProject';

describe('budgets of ic', function () {
  this.timeout(120_000);
  let project: IcProject;

  beforeEach(async () => {
    project = await IcProject.open();
  });
  afterEach(async () => {
    const active = await project.rows("SELECT id FROM dispatches WHERE status IN ('spawned','running')");
    for (const id of active) await project.run(['dispatch', 'kill', id]);
    await project.close();
  });

  it('are never exceeded by concurrent starts of several processes, and errors say what is missing', async () => {
    const runId = await project.ok('run', 'create', '--goal=g', '--token-budget=1000');
    const slow = await project.write('slow.sh', 'exec sleep 100\n');
    const words = ['dispatch', 'spawn', '--type=shell', `--prompt-file=${slow}`, `--scope-id=${runId}`];
    const starts = await Promise.all(Array.from({ length: 5 }, () => project.run([...words, '--token-budget=400'])));
    assert.deepEqual(starts.map(({ code }) => code).sort(), [0, 0, 1, 1, 1]);
    const refused = starts.find(({ code }) => code === 1)?.stderr ?? '';
    assert.match(refused, /200 tokens left of its budget of 1000 tokens, .* needs 400 tokens \(200 tokens more\)/);
    assert.deepEqual(await project.rows('SELECT sum(tokens) FROM budget_reservations'), ['800']);
    assert.match(
      await project.ok('budget', 'show', `--run=${runId}`),
      /0 tokens used of 1000 tokens, 800 tokens reserved/,
    );
  });

  it('queue a start that does not fit, and start it once they are raised', async () => {
    const runId = await project.ok('run', 'create', '--goal=g', '--token-budget=100');
    const slow = await project.write('slow.sh', 'exec sleep 100\n');
    const words = ['dispatch', 'spawn', '--type=shell', `--prompt-file=${slow}`, `--scope-id=${runId}`];
    const queued = await project.ok(...words, '--token-budget=400', '--queue');
    assert.equal(await project.ok('dispatch', 'queue', 'start'), '');
    await project.ok('budget', 'set', `--run=${runId}`, '--tokens=400');
    assert.equal(await project.ok('dispatch', 'queue', 'start'), queued);
  });

  it('are not used up by an impossible cost or count', async () => {
    const runId = await project.ok('run', 'create', '--goal=g', '--token-budget=10000000');
    await project.ok('budget', 'set', `--run=${runId}`, '--cost-usd=5');
    const quick = await project.write('quick.sh', 'exit 0\n');
    const start = ['dispatch', 'spawn', '--type=shell', `--prompt-file=${quick}`, `--scope-id=${runId}`] as const;
    const first = await project.ok(...start);
    await project.run(['dispatch', 'wait', first]);
    for (const [cost, tokens] of [
      ['1e12', '9223372036854775807'],
      ['-1', "'many'"],
      ['9e999', '1e300'],
    ]) {
      await project.rows(
        `UPDATE dispatch_processes SET cost_usd = ${cost}; UPDATE dispatches SET input_tokens = ${tokens}`,
      );
      const id = await project.ok(...start);
      await project.run(['dispatch', 'wait', id]);
    }
    assert.match(await project.ok('budget', 'show', `--run=${runId}`), /usage of 4 dispatches unknown$/m);
  });
});
