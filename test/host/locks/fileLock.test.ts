import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import promises, { link, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mock } from 'node:test';
import { oldOf, STALE_AFTER_MS, removeRemains, withFileLock } from '../../../src/host/locks/fileLock';
import { KernelError } from '../../../src/kernel/errors/errors';
import { Projects } from '../../support/projects';
import { until } from '../../support/until';

describe('withFileLock', () => {
  const projects = Projects.ofSuite();
  const patient = { timeoutMs: 30_000 };
  const once = { timeoutMs: 0 };
  let file: string;

  beforeEach(async () => {
    file = path.join(await projects.folder(), 'x.db');
  });

  /** The only entry of the lock's folder. */
  const holder = async (): Promise<string> => {
    const [name, ...others] = await readdir(`${file}.lock`);
    assert.ok(name !== undefined);
    assert.deepEqual(others, []);
    return path.join(`${file}.lock`, name);
  };

  it('lets one holder in at a time and leaves nothing behind', async () => {
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, () =>
        withFileLock(file, patient, async () => {
          most = Math.max(most, ++inside);
          await stat(path.dirname(file));
          inside -= 1;
        }),
      ),
    );
    assert.equal(most, 1);
    assert.deepEqual(await readdir(path.dirname(file)), []);
  });

  it('gives up when another holder keeps it beyond the timeout', async () => {
    await withFileLock(file, patient, async () => {
      await assert.rejects(
        withFileLock(file, { timeoutMs: 50 }, () => Promise.resolve()),
        (error) => {
          assert.ok(KernelError.is(error, 'DATABASE_BUSY'));
          assert.ok(error.facts.waitedMs >= 50);
          return true;
        },
      );
    });
  });

  it('is free again when the work throws', async () => {
    await assert.rejects(
      withFileLock(file, patient, () => Promise.reject(new Error('work'))),
      /work/,
    );
    assert.equal(await withFileLock(file, once, () => Promise.resolve('in')), 'in');
  });

  it('is given up by renaming the draft, and the draft is private and empty', async () => {
    await withFileLock(file, patient, async ({ draft }) => {
      const { mode, size } = await stat(draft);
      assert.equal(mode & 0o777, 0o600);
      assert.equal(size, 0);
      await rename(draft, file);
      assert.equal(await withFileLock(file, once, () => Promise.resolve('in')), 'in');
    });
  });

  it('takes over at once from a process of this machine that is dead', async () => {
    const dead = spawnSync(process.execPath, ['-e', '0']).pid;
    await withFileLock(file, patient, async ({ draft }) => {
      const [, machine] = path.basename(draft).split('-');
      await rename(draft, path.join(path.dirname(draft), `${dead}-${machine ?? ''}-0`));
      assert.equal(await withFileLock(file, once, () => Promise.resolve('in')), 'in');
    });
  });

  it('waits for a live holder on another machine, and takes over when it refreshes no more', async () => {
    await mkdir(`${file}.lock`);
    const draft = path.join(`${file}.lock`, '1-othermachine-0');
    await writeFile(draft, '');
    await assert.rejects(
      withFileLock(file, once, () => Promise.resolve()),
      (error) => KernelError.is(error, 'DATABASE_BUSY'),
    );
    const longAgo = new Date(Date.now() - STALE_AFTER_MS - 1000);
    await utimes(draft, longAgo, longAgo);
    assert.equal(await withFileLock(file, { timeoutMs: 1000 }, () => Promise.resolve('in')), 'in');
  });

  it('keeps a holder that lost its lock from saving, and from giving up the new holder’s', async () => {
    let newDraft = '';
    let entered = (): void => undefined;
    let leave = (): void => undefined;
    const isIn = new Promise<void>((resolve) => (entered = resolve));
    const mayLeave = new Promise<void>((resolve) => (leave = resolve));
    let thief: Promise<void> = Promise.resolve();
    await withFileLock(file, patient, async ({ draft }) => {
      const longAgo = new Date(Date.now() - STALE_AFTER_MS - 1000);
      await utimes(draft, longAgo, longAgo);
      thief = withFileLock(file, { timeoutMs: 1000 }, async (stolen) => {
        newDraft = stolen.draft;
        entered();
        await mayLeave;
      });
      await isIn;
      await assert.rejects(rename(draft, file), { code: 'ENOENT' });
    });
    assert.equal(await holder(), newDraft);
    leave();
    await thief;
  });

  describe('whose holder has saved and still checks the file that it replaced', () => {
    // In whole seconds, which every file system keeps exactly.
    const longAgo = new Date('2020-01-01T00:00:00Z');

    /** What a save does up to its rename, to a file that was last saved long ago. */
    const save = async (draft: string): Promise<string> => {
      const old = oldOf(draft);
      await writeFile(file, 'old');
      await utimes(file, longAgo, longAgo);
      await link(file, old);
      await rename(draft, file);
      return old;
    };

    it('waits for the holder, however old the replaced file is', async () => {
      await withFileLock(file, patient, async ({ draft }) => {
        const old = await save(draft);
        await assert.rejects(
          withFileLock(file, once, () => Promise.resolve()),
          (error) => KernelError.is(error, 'DATABASE_BUSY'),
        );
        assert.equal(await readFile(old, 'utf8'), 'old');
        await rm(old);
        assert.equal(await withFileLock(file, once, () => Promise.resolve('in')), 'in');
      });
    });

    it('keeps the time of the replaced file when the holder refreshes the lock', async () => {
      await withFileLock(file, patient, async ({ draft }) => {
        const old = await save(draft);
        await utimes(`${file}.lock`, longAgo, longAgo);
        const { mtimeMs } = await until(
          () => stat(`${file}.lock`),
          (stats) => stats.mtimeMs > longAgo.getTime(),
        );
        assert.ok(Date.now() - mtimeMs < STALE_AFTER_MS);
        assert.equal((await stat(old)).mtimeMs, longAgo.getTime());
        await rm(old);
      });
    });

    it('takes over from a holder that refreshes no more', async () => {
      await withFileLock(file, patient, async ({ draft }) => {
        await save(draft);
        await utimes(`${file}.lock`, longAgo, longAgo);
        assert.equal(await withFileLock(file, once, () => Promise.resolve('in')), 'in');
      });
    });
  });

  it('is not confused by an empty folder in its place', async () => {
    await mkdir(`${file}.lock`);
    assert.equal(await withFileLock(file, once, () => Promise.resolve('in')), 'in');
  });

  it('names a lock that another program made, and leaves it alone', async () => {
    const refused = (problem: RegExp) => (error: unknown) =>
      KernelError.is(error, 'LOCK_UNKNOWN') && problem.test(error.facts.problem.text);
    await mkdir(`${file}.lock`);
    await writeFile(path.join(`${file}.lock`, 'update'), '');
    await assert.rejects(
      withFileLock(file, patient, () => Promise.resolve()),
      refused(/update was made by another program/),
    );
    assert.deepEqual(await readdir(`${file}.lock`), ['update']);
    await rm(`${file}.lock`, { recursive: true });
    await writeFile(`${file}.lock`, '');
    await assert.rejects(
      withFileLock(file, patient, () => Promise.resolve()),
      refused(/not a folder/),
    );
  });

  it('names a lock that is dated in the future once it was waited for', async () => {
    await mkdir(`${file}.lock`);
    const draft = path.join(`${file}.lock`, '1-othermachine-0');
    await writeFile(draft, '');
    const later = new Date(Date.now() + 3_600_000);
    await utimes(draft, later, later);
    await assert.rejects(
      withFileLock(file, once, () => Promise.resolve()),
      (error) => KernelError.is(error, 'LOCK_UNKNOWN') && error.facts.problem.text.includes(later.toISOString()),
    );
  });

  it('passes on that the folder is gone', async () => {
    await rm(path.dirname(file), { recursive: true });
    await assert.rejects(
      withFileLock(file, patient, () => Promise.resolve()),
      { code: 'ENOENT' },
    );
  });

  it('prepares the lock again when another program removes the prepared folder', async () => {
    const write = promises.writeFile;
    const slow = mock.method(promises, 'writeFile', async (...args: Parameters<typeof write>) => {
      slow.mock.restore();
      const [prepared] = (await readdir(path.dirname(file))).map((name) => path.join(path.dirname(file), name));
      assert.ok(prepared !== undefined);
      await utimes(prepared, 0, 0);
      await removeRemains(file);
      await write(...args);
    });
    assert.equal(await withFileLock(file, { timeoutMs: 1000 }, () => Promise.resolve('in')), 'in');
    assert.equal(slow.mock.callCount(), 1);
    assert.deepEqual(await readdir(path.dirname(file)), []);
  });

  it('removes what dead processes prepared, and nothing that may be alive', async () => {
    const dead = spawnSync(process.execPath, ['-e', '0']).pid;
    const machine = await withFileLock(file, patient, ({ draft }) =>
      Promise.resolve(path.basename(draft).split('-')[1] ?? ''),
    );
    const alive = [`x.db.lock-${process.pid}-${machine}-1`, 'x.db.lock-7-othermachine-2'];
    const remains = [`x.db.lock-${dead}-${machine}-3`, 'x.db.lock-7-othermachine-4'];
    for (const name of [...alive, ...remains]) await mkdir(path.join(path.dirname(file), name));
    const longAgo = new Date(Date.now() - STALE_AFTER_MS - 1000);
    await utimes(path.join(path.dirname(file), 'x.db.lock-7-othermachine-4'), longAgo, longAgo);
    await removeRemains(file);
    assert.deepEqual((await readdir(path.dirname(file))).sort(), alive.sort());
  });
});
