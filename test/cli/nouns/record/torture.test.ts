import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe } from 'mocha';
import { Follower } from '../../../support/dispatch/follower';
import { ic } from '../../../support/ic/ic';
import { itLong } from '../../../support/long';

const WRITERS = 8;
const WRITES_EACH = 4;

describe('eight ic processes that write at once, and one that follows', function () {
  this.timeout(180_000);

  itLong('keep every acknowledged write, and print every event once and in order', async () => {
    const cwd = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-torture-')));
    const run = async (...args: string[]): Promise<string> => {
      const result = await ic(['--timeout=60s', ...args], { cwd });
      assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`);
      return result.stdout.trim();
    };
    try {
      await run('init');
      const follower = new Follower(cwd);
      const writer = async (n: number): Promise<string> => {
        const id = await run('run', 'create', `--goal=writer ${n}`);
        for (let i = 0; i < WRITES_EACH; i++) await run('run', 'advance', id);
        return id;
      };
      const runs = await Promise.all(Array.from({ length: WRITERS }, (_, n) => writer(n)));
      await follower.until(WRITERS * WRITES_EACH);
      const seen = await follower.stop();
      assert.deepEqual(
        seen.map(({ id }) => id),
        Array.from({ length: WRITERS * WRITES_EACH }, (_, i) => i + 1),
      );
      for (const id of runs) {
        const states = seen.filter((one) => one.run_id === id).map((one) => one.to_state);
        assert.deepEqual(states, ['brainstorm-reviewed', 'strategized', 'planned', 'executing']);
      }
      assert.equal((await run('run', 'list')).split('\n').length, WRITERS);
    } finally {
      await rm(cwd, { recursive: true, force: true });
    }
  });
});
