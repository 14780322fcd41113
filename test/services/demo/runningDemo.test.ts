/** A demo of `npm start` has one process that shows it; another `npm start` finds it and leaves its files alone. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { claimDemo, type Claim, type Claimed } from '../../../scripts/start/runningDemo';
import { identify } from '../../../src/host/process/processIdentity';
import { Projects } from '../../support/projects';

const BROWSER = { kind: 'browser', address: 'http://127.0.0.1:1/?tkn=a' } as const;

describe('the demo of npm start', () => {
  const projects = Projects.ofSuite();
  let folder: string;
  beforeEach(async () => {
    folder = path.join(await projects.folder(), 'tmp', 'demo');
  });
  const claim = (onWait: (pid: number) => void = () => assert.fail('waits')): Promise<Claimed> =>
    claimDemo(folder, onWait);
  const first = async (): Promise<Claim> => {
    const claimed = await claim();
    return claimed.isFirst ? claimed.claim : assert.fail('another process has the demo');
  };
  /** A process that has ended, and so can show nothing. */
  async function ended(): Promise<{ readonly pid: number; readonly startToken: string | null }> {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(child, 'spawn');
    const identity = await identify(child.pid ?? assert.fail());
    child.kill('SIGKILL');
    await once(child, 'exit');
    return identity;
  }

  it('is opened again by a second start', async () => {
    await (await first()).publish(BROWSER);
    assert.deepEqual(await claim(), { isFirst: false, pid: process.pid, shown: BROWSER });
  });

  it('is waited for while the first start makes it', async () => {
    const making = await first();
    let published: Promise<void> | undefined;
    const second = await claim((pid) => {
      assert.equal(pid, process.pid);
      assert.equal(published, undefined, 'it waits once');
      published = making.publish(BROWSER);
    });
    await published;
    assert.deepEqual(second, { isFirst: false, pid: process.pid, shown: BROWSER });
  });

  it('belongs to one of two starts at once', async () => {
    const starts = await Promise.all(
      [1, 2].map(async () => {
        const claimed = await claim(() => undefined);
        if (claimed.isFirst) await claimed.claim.publish(BROWSER);
        return claimed.isFirst;
      }),
    );
    assert.deepEqual(starts.sort(), [false, true]);
  });

  it('can be made again once the first start has ended', async () => {
    await (await first()).release();
    await first();
  });

  for (const shown of [undefined, BROWSER]) {
    it(`can be made again after the first start was killed ${shown ? 'while it showed it' : 'before that'}`, async () => {
      await (await first()).publish(BROWSER);
      await writeFile(`${folder}.json`, JSON.stringify({ starter: await ended(), ...(shown && { shown }) }));
      await first();
    });
  }

  it('is still open in a window whose start was killed', async () => {
    await (await first()).publish(BROWSER);
    const shown = { kind: 'desktop', executable: '/opt/code', window: await identify(process.pid) } as const;
    const starter = await ended();
    await writeFile(`${folder}.json`, JSON.stringify({ starter, shown }));
    assert.deepEqual(await claim(), { isFirst: false, pid: starter.pid, shown });
  });

  it('can be made where the note of a start is damaged', async () => {
    await (await first()).publish(BROWSER);
    await writeFile(`${folder}.json`, '{"starter":');
    await first();
  });
});
