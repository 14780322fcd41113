/** What may lie in the place of a record's files, as a kernel meets it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chown, copyFile, mkdir, readdir, rename, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CheckedFiles } from '../../../src/host/image/checkedFiles';
import { inspectFiles } from '../../../src/host/image/inspection';
import { MAX_DATABASE_BYTES } from '../../../src/host/database/limits';
import { databasePath } from '../../../src/host/files/paths';
import { applyWal } from '../../../src/host/database/wal';
import { KernelError } from '../../../src/kernel/errors/errors';
import type { ProjectKernel } from '../../../src/services/record/kernels';
import { openTestKernel } from '../../support/records/kernel';
import { databaseOf } from '../../support/records/oldDatabases';
import { codeOf, isCode, Projects } from '../../support/projects';
import { writes } from '../../support/records/records';

const MIB = 1_048_576;
/** Nothing that is refused may compute longer, nor grow the process by more; half a gigabyte is on offer. */
const MAX_CPU_MICROSECONDS = 5_000_000;
const MAX_GROWTH_BYTES = 200 * MIB;

describe('inspection of the files of a record', function () {
  const projects = Projects.ofSuite();

  before(function () {
    if (process.platform === 'win32') this.skip();
  });

  /** A sound record that no process of ours has seen, and the path of its database. */
  const foreignRecord = async (): Promise<string> => {
    const folder = await projects.folder();
    await mkdir(path.join(folder, '.clavain'));
    await writeFile(databasePath(folder), (await openTestKernel()).kernel.export());
    return databasePath(folder);
  };

  const open = (file: string): Promise<ProjectKernel> =>
    projects.open(path.dirname(path.dirname(file)), { busyTimeoutMs: 50 });

  const HOSTILE: Readonly<Record<string, (file: string) => Promise<unknown>>> = {
    'a log linked to an endless device': (file) => symlink('/dev/zero', `${file}-wal`),
    'a journal linked to an endless device': (file) => symlink('/dev/zero', `${file}-journal`),
    'shared memory linked to another file': (file) => symlink('/etc/passwd', `${file}-shm`),
    'a pipe as a log': (file) => Promise.resolve(execFileSync('mkfifo', [`${file}-wal`])),
    'a pipe as a journal': (file) => Promise.resolve(execFileSync('mkfifo', [`${file}-journal`])),
    'a folder as a log': (file) => mkdir(`${file}-wal`),
    'half a gigabyte of zeros': (file) => truncate(file, 0).then(() => truncate(file, 512 * MIB)),
    'half a gigabyte of zeros behind a sound database': (file) => truncate(file, 512 * MIB),
    'half a gigabyte of log': (file) => writeFile(`${file}-wal`, '').then(() => truncate(`${file}-wal`, 512 * MIB)),
    'a trigger over an endless view': async (file) => {
      const sql = `CREATE TABLE extension_schema (component TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL);
        CREATE VIEW endless AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c;
        CREATE TRIGGER hang BEFORE INSERT ON extension_schema BEGIN SELECT count(*) FROM endless; END;`;
      await writeFile(file, await databaseOf(sql));
    },
  };
  for (const [what, make] of Object.entries(HOSTILE)) {
    it(`refuses ${what} at once`, async () => {
      const file = await foreignRecord();
      await make(file);
      const before = { cpu: process.cpuUsage(), bytes: process.memoryUsage.rss() };
      const kernel = await open(file);
      assert.equal(codeOf(kernel.state), 'DATABASE_REFUSED');
      // A log that holds anything looks like another program's before anything is read.
      for (const attempt of [writes(kernel, 'no'), kernel.initialize()]) {
        await assert.rejects(attempt, ({ code }: KernelError) => /^DATABASE_(REFUSED|IN_USE)$/.test(code));
      }
      const { user, system } = process.cpuUsage(before.cpu);
      assert.ok(user + system < MAX_CPU_MICROSECONDS);
      assert.ok(process.memoryUsage.rss() - before.bytes < MAX_GROWTH_BYTES);
    });
  }

  it('refuses a pipe in the place of the database', async () => {
    const file = await foreignRecord();
    await rename(file, `${file}.old`);
    execFileSync('mkfifo', [file]);
    assert.equal(codeOf((await open(file)).state), 'DATABASE_PATH');
  });

  it('does not open a pipe that takes the place of the database later', async () => {
    const file = await foreignRecord();
    const kernel = await open(file);
    execFileSync('rm', [file]);
    execFileSync('mkfifo', [file]);
    await kernel.refresh();
    assert.equal(codeOf(kernel.state), 'DATABASE_PATH');
  });

  it('refuses files of other users', async function () {
    if (process.geteuid?.() !== 0) this.skip();
    const file = await foreignRecord();
    await chown(path.dirname(file), 4711, 4711);
    await chown(file, 4711, 4711);
    await writeFile(`${file}-wal`, '');
    assert.deepEqual((await open(file)).state, { kind: 'ready' });
    await chown(`${file}-wal`, 4712, 4712);
    assert.equal(codeOf((await open(file)).state), 'DATABASE_REFUSED');
    await chown(`${file}-wal`, 4711, 4711);
    await chown(file, 4712, 4712);
    assert.equal(codeOf((await open(file)).state), 'DATABASE_REFUSED');
  });

  it('refuses a database that is a page larger than allowed', async () => {
    const file = await foreignRecord();
    await truncate(file, MAX_DATABASE_BYTES + 4096);
    assert.equal(codeOf((await open(file)).state), 'DATABASE_REFUSED');
  });

  describe('a log that counts pages', () => {
    it('which no process holds is refused, and takes no memory', async () => {
      const file = await foreignRecord();
      const wal = logOf(24_000);
      assert.ok(wal.length < 66_000);
      assert.throws(() => applyWal(new Uint8Array(4096), wal), isCode('DATABASE_REFUSED'));
      await writeFile(`${file}-wal`, wal);
      assert.equal(codeOf((await open(file)).state), 'DATABASE_REFUSED');
    });

    it('that it holds itself is applied', () => {
      assert.equal(applyWal(new Uint8Array(0), logOf(1)).length, 65_536);
    });
  });

  describe('in a thread', () => {
    it('ends a check that takes too long', async () => {
      const file = await foreignRecord();
      await assert.rejects(
        inspectFiles(file, new CheckedFiles(), { deadlineMs: 1 }),
        (error) => KernelError.is(error, 'DATABASE_REFUSED') && error.facts.problem.text.includes('took longer'),
      );
    });

    it('finds damage before this process opens the file', async () => {
      const file = await foreignRecord();
      await writeFile(file, await damagedDatabase());
      await assert.rejects(inspectFiles(file, new CheckedFiles()), isCode('DATABASE_DAMAGED'));
    });

    it('checks a file once, also for other processes, and another in its place again', async () => {
      const notes = await projects.folder();
      const file = await foreignRecord();
      await inspectFiles(file, new CheckedFiles(notes));
      assert.equal((await readdir(notes)).length, 1);
      // A check could not pass within this time.
      await inspectFiles(file, new CheckedFiles(notes), { deadlineMs: 0 });
      await copyFile(file, `${file}.new`);
      await rename(`${file}.new`, file);
      await assert.rejects(inspectFiles(file, new CheckedFiles(notes), { deadlineMs: 0 }), isCode('DATABASE_REFUSED'));
    });

    it('knows the file before, during and after its replacement by another process', async () => {
      const notes = await projects.folder();
      const file = await foreignRecord();
      await inspectFiles(file, new CheckedFiles(notes));
      const draft = `${file}.draft`;
      await copyFile(file, draft);
      await new CheckedFiles(notes).expect(file, draft);
      // A check could not pass within this time.
      await inspectFiles(file, new CheckedFiles(notes), { deadlineMs: 0 });
      await rename(draft, file);
      await inspectFiles(file, new CheckedFiles(notes), { deadlineMs: 0 });
    });

    it('checks no file that a program of ours replaces meanwhile', async () => {
      const notes = await projects.folder();
      const other = await projects.create({ checked: new CheckedFiles(notes) });
      const meets: Promise<void>[] = [];
      const onStep = (): void => {
        meets.push(inspectFiles(other.path, new CheckedFiles(notes), { deadlineMs: 0 }));
      };
      const writer = await projects.open(other.folder, { checked: new CheckedFiles(notes), onStep });
      for (let n = 0; n < 10; n += 1) await writes(writer, `write ${n}`);
      await Promise.all(meets);
    });

    it('does not check what this process wrote', async () => {
      const checked = new CheckedFiles();
      const kernel = await projects.create({ checked });
      await writes(kernel, 'first');
      await inspectFiles(kernel.path, checked, { deadlineMs: 0 });
    });
  });
});

async function damagedDatabase(): Promise<Uint8Array> {
  const bytes = (await openTestKernel()).kernel.export().slice();
  bytes.fill(0, 4096 * 3);
  return bytes;
}

/** A log of one page of 65,536 bytes whose commit says how many there are. */
function logOf(pageCount: number): Uint8Array {
  const pageSize = 65_536;
  const wal = new Uint8Array(32 + 24 + pageSize);
  const view = new DataView(wal.buffer);
  const sum = (from: number, to: number, start: readonly [number, number]): [number, number] => {
    let [a, b] = start;
    for (let at = from; at < to; at += 8) {
      a = (a + view.getUint32(at) + b) >>> 0;
      b = (b + view.getUint32(at + 4) + a) >>> 0;
    }
    return [a, b];
  };
  const put = (at: number, ...values: number[]): void => {
    for (const [index, value] of values.entries()) view.setUint32(at + 4 * index, value);
  };
  put(0, 0x377f0683, 3_007_000, pageSize, 0, 1, 2);
  const header = sum(0, 24, [0, 0]);
  put(24, ...header);
  put(32, 1, pageCount, 1, 2);
  put(48, ...sum(56, wal.length, sum(32, 40, header)));
  return wal;
}
