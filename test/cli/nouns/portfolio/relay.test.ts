import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'mocha';
import { ic, IC_SCRIPT } from '../../../support/ic/ic';

/** Runs a relay until it prints something, stops it, and returns its output. */
async function relayUntil(cwd: string, portfolio: string, said: RegExp): Promise<string> {
  const args = [IC_SCRIPT, 'portfolio', 'relay', portfolio, '--interval=100ms'];
  const child = spawn(process.execPath, args, { cwd, env: { PWD: cwd }, stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  const enough = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (said.test(text)) resolve();
    });
  });
  const ended = once(child, 'exit');
  await Promise.race([enough, ended]);
  child.kill('SIGINT');
  assert.deepEqual(await ended, [0, null], text);
  return text;
}

describe('ic portfolio relay', function () {
  this.timeout(120_000);

  it('relays each event of a child once, also after a restart, and skips a missing child', async () => {
    const base = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-relay-')));
    try {
      const [home, a] = [path.join(base, 'home'), path.join(base, 'a')];
      await Promise.all([home, a].map((folder) => mkdir(folder)));
      const at = async (cwd: string, ...args: string[]): Promise<string> => {
        const result = await ic(args, { cwd });
        assert.equal(result.code, 0, result.stderr);
        return result.stdout.trim();
      };
      await Promise.all([home, a].map((folder) => at(folder, 'init')));
      const created = await at(home, 'run', 'create', `--projects=${a},${base}/missing,${home}`, '--goal=g');
      const portfolio = created.split('\n')[0] ?? '';
      const run = await at(a, 'run', 'create', '--goal=g');
      await at(a, 'run', 'advance', run);
      const first = await relayUntil(home, portfolio, /child_advanced brainstorm→/);
      assert.match(first, /^\[relay\] starting for portfolio \w{8} \(interval=100ms\)\n/);
      assert.match(first, /\[relay\] skip .*missing: There is no Intercore database/);
      assert.match(first, /\n\[relay\] shutting down\.\.\.\n\[relay\] stopped\n$/);
      await at(a, 'run', 'advance', run);
      await relayUntil(home, portfolio, /child_advanced brainstorm-reviewed→/);
      assert.equal(
        await at(home, 'run', 'events', portfolio),
        [
          `brainstorm → brainstorm-reviewed\tchild_advanced\t\trelay:${a}`,
          `brainstorm-reviewed → strategized\tchild_advanced\t\trelay:${a}`,
        ].join('\n'),
      );
      assert.equal(await at(home, 'state', 'get', 'active-dispatch-count', portfolio), '"0"');
    } finally {
      await rm(base, { recursive: true, force: true });
    }
  });
});
