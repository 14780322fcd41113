/** `ic needs` and `ic gate ask`: everything that needs a person, from a shell. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ic, type IcResult } from '../../../support/ic/ic';

describe('ic needs', () => {
  let folder: string;
  const run = async (...args: readonly string[]): Promise<IcResult> => await ic(args, { cwd: folder });
  const out = async (...args: readonly string[]): Promise<string> => (await run(...args)).stdout.trim();

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'intercore-'));
    await run('init');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('prints nothing if nothing needs a person', async () => {
    await run('run', 'create', '--goal=Ship it');
    assert.deepEqual(await run('needs'), { code: 0, stdout: '', stderr: '' });
    assert.equal(await out('needs', '--json'), '[]');
  });

  it('prints a blocked gate with its reason and run, until the run moves', async () => {
    const id = await out('run', 'create', '--goal=Ship it');
    await run('run', 'advance', id, '--priority=0');
    const reason = 'brainstorm → brainstorm-reviewed: no artifacts found for phase "brainstorm"';
    assert.equal(await out('needs'), `Gate blocked\tShip it\t${reason}\t${id}`);
    await run('gate', 'override', id, '--reason=read');
    assert.equal(await out('needs'), '');
  });

  it('prints a requested override with the name of the caller, by default the calling dispatch', async () => {
    const id = await out('run', 'create', '--goal=Ship it');
    const asked = await ic(['gate', 'ask', id, '--reason=it is trivial'], {
      cwd: folder,
      env: { INTERCORE_DISPATCH_ID: 'disp0001' },
    });
    assert.equal(asked.stdout, 'asked to leave brainstorm: it is trivial\n');
    const [item] = JSON.parse(await out('needs', '--json')) as Record<string, unknown>[];
    assert.equal(item?.['kind'], 'overrideAsked');
    assert.equal(item['reason'], 'disp0001 requests to leave brainstorm: it is trivial');
    assert.equal(item['run_id'], id);
    assert.equal(item['command'], 'intercore.gate.override');
    const json = JSON.parse(await out('gate', 'ask', id, '--reason=again', '--by=Ada', '--json')) as object;
    assert.deepEqual(
      { ...json, asked_at: 0 },
      { actor: 'Ada', asked_at: 0, phase: 'brainstorm', reason: 'again', run_id: id },
    );
  });

  it('refuses a request without a reason or for a run that has ended', async () => {
    const id = await out('run', 'create', '--goal=Ship it');
    assert.equal((await run('gate', 'ask', id)).code, 3);
    await run('run', 'cancel', id);
    assert.equal((await run('gate', 'ask', id, '--reason=late')).code, 1);
    assert.equal((await run('gate', 'ask', 'nosuchid', '--reason=late')).code, 1);
  });

  it('refuses invalid limits', async () => {
    assert.equal((await run('needs', '--stuck-minutes=-1')).code, 3);
    assert.equal((await run('needs', '--stuck-attempts=many')).code, 3);
  });
});
