/** What keeps a sound database from being saved: rights, the disk, and its absence. */
import assert from 'node:assert/strict';
import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../../src/kernel/errors/errors';
import { Disk } from '../../support/hostile/disk';
import { codeOf, isCode, isNative, Projects } from '../../support/projects';
import { recorded, writes } from '../../support/records/records';
import { asOrdinaryUser, projectFiles } from '../../support/hostile/users';
import { WriterProcess } from '../../support/records/writerProcess';

describe('ProjectKernel prevented', () => {
  const projects = Projects.ofSuite();

  describe('with a file that may not be written', () => {
    it('reads and refuses to write, and continues when it may be written', async function () {
      const folder = await projects.folder();
      const disk = Disk.mount(path.join(folder, '.clavain'));
      if (disk === undefined) return this.skip();
      try {
        const before = await projects.open(folder);
        await before.initialize();
        await writes(before, 'kept');
        disk.setReadOnly(true);
        const kernel = await projects.open(folder);
        assert.equal(kernel.state.kind, 'readOnly');
        assert.equal(codeOf(kernel.state), 'DATABASE_READ_ONLY');
        assert.deepEqual(kernel.read(recorded), new Set(['kept']));
        await assert.rejects(writes(kernel, 'no'), isCode('DATABASE_READ_ONLY'));
        disk.setReadOnly(false);
        await writes(kernel, 'more');
        assert.deepEqual(kernel.state, { kind: 'ready' });
        assert.deepEqual(before.read(recorded), new Set(['kept']));
      } finally {
        disk.unmount();
      }
    });

    it('says that a file may not be read', async () => {
      const { path: file, folder } = await projects.create();
      await asOrdinaryUser(projectFiles(file), async () => {
        await chmod(file, 0);
        assert.equal(codeOf((await projects.open(folder)).state), 'FILE_UNREADABLE');
      });
    });

    it('says why when permission goes while it is open', async () => {
      const kernel = await projects.create();
      const folder = path.dirname(kernel.path);
      await asOrdinaryUser(projectFiles(kernel.path), async () => {
        await chmod(folder, 0o500);
        await assert.rejects(writes(kernel, 'no'), (error) => {
          assert.ok(KernelError.is(error, 'DATABASE_WRITE_FAILED'));
          assert.equal(error.facts.reason, 'permission');
          return true;
        });
        await chmod(folder, 0o700);
        await writes(kernel, 'yes');
      });
      assert.deepEqual(kernel.read(recorded), new Set(['yes']));
    });

    it('keeps the mode and owner of the file it replaces', async () => {
      const kernel = await projects.create();
      await chmod(kernel.path, 0o640);
      const before = await stat(kernel.path);
      await writes(kernel, 'w');
      const after = await stat(kernel.path);
      assert.equal(after.mode & 0o777, 0o640);
      assert.deepEqual({ uid: after.uid, gid: after.gid }, { uid: before.uid, gid: before.gid });
    });
  });

  describe('when the disk is full', () => {
    it('undoes the write, and continues once there is room', async function () {
      const folder = await projects.folder();
      const disk = Disk.mount(path.join(folder, '.clavain'));
      if (disk === undefined) return this.skip();
      try {
        const kernel = await projects.open(folder);
        await kernel.initialize();
        await writes(kernel, 'before');
        const sound = await readFile(kernel.path);
        const room = 1024 * 1024 - sound.length - 4096 * 8;
        await writeFile(path.join(disk.folder, 'ballast'), Buffer.alloc(room));
        const heard: [string, Set<string>][] = [];
        kernel.onDidChange((change) => heard.push([change.origin, kernel.read(recorded)]));
        await assert.rejects(writes(kernel, 'no'), (error) => {
          assert.ok(KernelError.is(error, 'DATABASE_WRITE_FAILED'));
          assert.equal(error.facts.reason, 'disk-full', error.message);
          assert.deepEqual(heard, [['file', new Set(['before'])]], 'what readers saw is undone');
          return true;
        });
        assert.deepEqual(await readFile(kernel.path), sound);
        assert.deepEqual(kernel.read(recorded), new Set(['before']));
        assert.deepEqual((await readdir(disk.folder)).sort(), ['.gitignore', 'ballast', 'intercore.db']);
        await rm(path.join(disk.folder, 'ballast'));
        await writes(kernel, 'after');
        assert.deepEqual((await projects.open(folder)).read(recorded), new Set(['before', 'after']));
      } finally {
        disk.unmount();
      }
    });

    it('undoes the write where a file may not grow', async function () {
      this.timeout(60_000);
      // Pages that are there already are written in place.
      if (isNative) this.skip();
      const { folder, path: file } = await projects.create();
      const before = await readFile(file);
      const blocks = Math.floor(before.length / 512 / 2);
      const writer = new WriterProcess({ folder, name: 'w', count: 1 }, `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`);
      assert.equal(await writer.ended, 1);
      assert.match(writer.failure ?? '', /^DATABASE_WRITE_FAILED .*"reason":"disk-full"/);
      assert.deepEqual(await readFile(file), before);
      const next = new WriterProcess({ folder, name: 'w', count: 1 });
      assert.equal(await next.ended, 0);
    });
  });

  describe('when the file goes away', () => {
    it('says that it is missing, writes nothing, and continues with another file', async () => {
      const kernel = await projects.create();
      await writes(kernel, 'lost');
      const bytes = await readFile(kernel.path);
      await rm(kernel.path);
      await assert.rejects(writes(kernel, 'no'), isCode('DATABASE_MISSING'));
      assert.deepEqual(kernel.state, { kind: 'missing' });
      assert.throws(() => kernel.read(recorded), isCode('DATABASE_MISSING'));
      assert.deepEqual(await readdir(path.dirname(kernel.path)), ['.gitignore']);
      await writeFile(kernel.path, bytes);
      await kernel.refresh();
      assert.deepEqual(kernel.read(recorded), new Set(['lost']));
    });

    it('notices on its own that the whole folder is deleted', async () => {
      const kernel = await projects.create({ watch: true });
      await kernel.load();
      const missing = new Promise<void>((resolve) =>
        kernel.onDidChangeState((state) => {
          if (state.kind === 'missing') resolve();
        }),
      );
      await rm(path.dirname(kernel.path), { recursive: true });
      await missing;
      await assert.rejects(writes(kernel, 'no'), isCode('DATABASE_MISSING'));
      await kernel.initialize();
      await writes(kernel, 'again');
    });
  });
});
