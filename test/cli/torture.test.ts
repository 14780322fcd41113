import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { describe, it } from 'mocha';
import * as z from 'zod';
import { ic, IC_SCRIPT } from '../support/ic';

const WRITERS = 8;
const WRITES_EACH = 4;
const event = z.object({ id: z.int(), run_id: z.string(), to_state: z.string() });

/** Reads the stream of events until `count` have come, then asks the process to stop. */
async function follow(cwd: string, count: number): Promise<z.infer<typeof event>[]> {
  const args = [IC_SCRIPT, 'events', 'tail', '--all', '--follow', '--poll-interval=50ms'];
  const child = spawn(process.execPath, args, { cwd, env: { PWD: cwd }, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  const complete = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.split('\n').length > count) resolve();
    });
  });
  await Promise.race([complete, once(child, 'exit')]);
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  assert.deepEqual(await ended, [0, null]);
  return text
    .trim()
    .split('\n')
    .map((line) => event.parse(JSON.parse(line)));
}

describe('eight ic processes that write at once, and one that follows', function () {
  this.timeout(180_000);

  it('keep every acknowledged write, and show every event once and in order', async () => {
    const cwd = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-torture-')));
    const run = async (...args: string[]): Promise<string> => {
      const result = await ic(['--timeout=60s', ...args], { cwd });
      assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`);
      return result.stdout.trim();
    };
    try {
      await run('init');
      const follower = follow(cwd, WRITERS * WRITES_EACH);
      const writer = async (n: number): Promise<string> => {
        const id = await run('run', 'create', `--goal=writer ${n}`);
        for (let i = 0; i < WRITES_EACH; i++) await run('run', 'advance', id);
        return id;
      };
      const runs = await Promise.all(Array.from({ length: WRITERS }, (_, n) => writer(n)));
      const seen = await follower;
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
