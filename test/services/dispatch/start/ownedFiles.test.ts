/** Files of dispatches go with the rows of their own record, and nothing else goes. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { DispatchFiles } from '../../../../src/host/launcher/dispatchFiles';
import type { Dispatch } from '../../../../src/kernel/dispatch/model';
import { makeFilesOf, removeFilesOf } from '../../../../src/services/dispatch/start/ownedFiles';
import type { ProjectKernel } from '../../../../src/services/record/projectKernel';
import { PATIENCE_MS, shell, Stage } from '../../../support/dispatch/dispatchFixture';
import { filesOfDispatch } from '../../../support/dispatch/ownFiles';

describe('the files of a dispatch', function () {
  this.timeout(PATIENCE_MS);
  let stage: Stage;
  let kernel: ProjectKernel;
  let dispatch: Dispatch;
  let files: DispatchFiles;

  beforeEach(async () => {
    stage = await Stage.open();
    kernel = await stage.kernel();
    dispatch = await stage.play(shell('echo done'));
    files = await filesOfDispatch(stage.storage, dispatch.id);
  });
  afterEach(() => stage.close());

  const remove = (database = kernel.path) => removeFilesOf(database, [stage.storage], [dispatch.id]);
  const areThere = () => existsSync(files.prompt) && existsSync(files.log) && existsSync(files.exit);

  it('are deleted with it', async () => {
    assert.ok(areThere());
    assert.deepEqual(await remove(), []);
    assert.deepEqual(
      { givenExists: existsSync(files.given), recordsExists: existsSync(files.records) },
      { givenExists: false, recordsExists: false },
    );
  });

  it('are deleted where its database is gone', async () => {
    await rm(kernel.path);
    await remove();
    assert.equal(areThere(), false);
  });

  it('are deleted where its folder was moved', async () => {
    const moved = path.join(stage.root, 'moved');
    await rename(stage.project, moved);
    await remove(path.join(moved, path.relative(stage.project, kernel.path)));
    assert.equal(areThere(), false);
  });

  it('stay where a copy of its record names it', async () => {
    const copy = path.join(stage.root, 'copy');
    await cp(stage.project, copy, { recursive: true });
    await remove(path.join(copy, path.relative(stage.project, kernel.path)));
    assert.ok(areThere());
  });

  it('stay where the note of their database was changed', async () => {
    await writeFile(files.owner, JSON.stringify({ database: kernel.path }));
    await remove();
    assert.ok(areThere());
  });

  it('stay while its agent runs', async () => {
    const dispatcher = stage.dispatcher();
    const running = await dispatcher.start(kernel, shell('exec sleep 300'));
    const { log } = await filesOfDispatch(stage.storage, running.id);
    await removeFilesOf(kernel.path, [stage.storage], [running.id]);
    assert.ok(existsSync(log));
    await dispatcher.kill(kernel, running.id);
  });

  it('stay where a link leads out of the storage', async () => {
    const victim = path.join(stage.root, 'victim');
    await rename(files.given, victim);
    await symlink(victim, files.given);
    await remove();
    assert.ok(existsSync(path.join(victim, 'prompt.md')));
  });

  it('are not searched for where an id is a path', async () => {
    const victim = path.join(stage.root, 'victim');
    await mkdir(victim);
    await writeFile(path.join(victim, '.intercore'), '');
    for (const id of ['../victim', victim, '..', '', 'a\0b']) await removeFilesOf(kernel.path, [stage.storage], [id]);
    assert.ok(existsSync(victim));
  });

  it('are deleted with a dispatch that waits', async () => {
    const { prompt } = await makeFilesOf(kernel.path, stage.storage, 'waiting1');
    await writeFile(prompt, 'later');
    await removeFilesOf(kernel.path, [stage.storage], ['waiting1']);
    assert.equal(existsSync(prompt), false);
  });
});
