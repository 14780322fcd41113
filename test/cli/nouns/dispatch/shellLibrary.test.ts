import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { execute, folderWithIc, isInstalled, LIBRARY, shell } from '../../../support/shell';
import { inProject } from '../../../../tools/project';
import { describeLong } from '../../../support/long';

describe('bin/lib-intercore.sh', function () {
  this.timeout(120_000);
  let base: string;
  let withIc: string;
  let withoutIc: string;

  before(async () => {
    base = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-lib-')));
    withIc = await folderWithIc(path.join(base, 'bin'));
    withoutIc = path.join(base, 'nothing');
  });
  after(() => rm(base, { recursive: true, force: true }));

  const project = (): Promise<string> => mkdtemp(path.join(base, 'project-'));

  for (const program of ['bash', 'dash']) {
    (program === 'bash' ? describe : describeLong)(`in ${program}`, () => {
      before(async function () {
        if (!(await isInstalled(program))) this.skip();
      });

      it('has working functions', async () => {
        const script = [
          'ic init >/dev/null; run=$(ic run create --goal=g)',
          'intercore_available && echo available',
          '[ "$(intercore_run_current)" = "$run" ] && intercore_run_phase "$run"',
          `intercore_state_set k s '{"a":1}'; intercore_state_get k s`,
          'intercore_sentinel_check n s 60 && echo first; intercore_sentinel_check n s 60 || echo "second: $?"',
          'intercore_gate_check "$run" >/dev/null; echo "gate: $?"',
          'artifact=$(intercore_run_artifact_add "$run" brainstorm idea.md); [ -n "$artifact" ] && echo artifact',
          'intercore_gate_check "$run" >/dev/null; echo "gate: $?"',
          'intercore_run_skip "$run" planned because >/dev/null && echo skipped',
          'intercore_events_tail "$run" | wc -l | tr -d " "',
        ].join('\n');
        const { code, out } = await shell(program, script, await project(), withIc);
        const lines = ['available', 'brainstorm', '{"a":1}', 'first', 'second: 1', 'gate: 1', 'artifact', 'gate: 0'];
        assert.deepEqual({ code, lines: out.trim().split('\n') }, { code: 0, lines: [...lines, 'skipped', '1'] });
      });

      const SAFE = [
        'intercore_sentinel_check n s 60 || echo "sentinel: $?"',
        'intercore_gate_check nope || echo "gate: $?"',
        'intercore_state_set k s 1 || echo "state: $?"',
        'intercore_dispatch_kill nope || echo "kill: $?"',
        'intercore_events_tail nope || echo "events: $?"',
        'intercore_run_current >/dev/null && echo "run current succeeded"',
        'intercore_run_tokens nope >/dev/null && echo "run tokens succeeded"',
        'intercore_sentinel_check_or_legacy n s 60 ./throttle || echo "legacy: $?"',
        'intercore_sentinel_check_or_legacy n s 60 ./throttle && echo "legacy not throttled"',
        'exit 0',
      ].join('\n');

      it('lets its caller continue if ic is missing', async () => {
        assert.deepEqual(await shell(program, SAFE, await project(), withoutIc), { code: 0, out: '' });
      });

      it('lets its caller continue if the database is broken', async () => {
        const folder = await project();
        await mkdir(path.join(folder, '.clavain'));
        await writeFile(path.join(folder, '.clavain/intercore.db'), 'this is no database'.repeat(500));
        assert.deepEqual(await shell(program, SAFE, folder, withIc), { code: 0, out: '' });
      });
    });
  }

  it('is clean under shellcheck', async function () {
    if (!(await isInstalled('shellcheck'))) this.skip();
    const { code, out } = await execute('shellcheck', [LIBRARY, inProject('bin/ic')]);
    assert.deepEqual({ code, out }, { code: 0, out: '' });
  });
});
