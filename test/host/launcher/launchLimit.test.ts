/** The limit by which what a dispatch has started is known, whatever it has left. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { limitBelow, pidsUnderLimit, underLimit } from '../../../src/host/launcher/launchLimit';
import { endMarked } from '../../../src/host/launcher/markedProcesses';
import type { LaunchMark } from '../../../src/host/launcher/dispatchFiles';
import { until } from '../../support/until';

const markOf = (text: string): LaunchMark => text.repeat(32) as LaunchMark;

describe('the limit of a dispatch', () => {
  const children: ChildProcess[] = [];

  beforeEach(function () {
    if (process.platform !== 'linux') this.skip();
  });
  afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

  /** A daemon as a program leaves one: without an environment, in a session of its own. */
  async function daemon(command: readonly [string, readonly string[]]): Promise<number> {
    const child = spawn(command[0], command[1], { env: {}, detached: true, stdio: 'ignore' });
    children.push(child);
    await once(child, 'spawn');
    return child.pid ?? assert.fail();
  }

  const name = async (pid: number): Promise<string> => (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();

  it('finds its daemon and no other', async () => {
    const mine = await daemon(['/bin/sleep', ['300']]);
    const own = await daemon(underLimit(markOf('a'), ['/bin/sleep', '300']));
    const other = await daemon(underLimit(markOf('b'), ['/bin/sleep', '300']));
    for (const pid of [mine, own, other])
      await until(
        () => name(pid),
        (found) => found === 'sleep',
      );
    assert.deepEqual(await pidsUnderLimit(markOf('a')), [own]);
    await endMarked(markOf('a'), undefined, 5_000);
    assert.deepEqual(await Promise.all([markOf('a'), markOf('b')].map(pidsUnderLimit)), [[], [other]]);
    assert.equal(await name(mine), 'sleep');
  });

  it('runs a program where it cannot be set', async () => {
    const [shell, args] = underLimit(markOf('a'), ['/bin/echo', 'a b', '$c']);
    const tight = spawn('/bin/sh', ['-c', 'ulimit -m 4096; exec "$0" "$@"', shell, ...args], {
      ...(process.geteuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    children.push(tight);
    let text = '';
    tight.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await once(tight, 'close');
    assert.equal(text, 'a b $c\n');
  });

  it('is lower for a dispatch that an agent starts', () => {
    let inherited: bigint | undefined;
    for (const mark of ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'].map(markOf)) {
      const limit = (limitBelow(inherited, mark) ?? assert.fail()) * 1024n;
      assert.ok(inherited === undefined || limit < inherited);
      assert.ok(limit < 2n ** 63n);
      inherited = limit;
    }
  });

  it('is not set where a lower one holds', () => {
    assert.equal(limitBelow(2n ** 30n, markOf('a')), undefined);
  });
});
