/** How `ic` treats the files of dispatches. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { findDispatchFiles } from '../../src/host/launcher/dispatchFiles';
import { IcProject } from '../support/records/icProject';
import { sqlite3 } from '../support/records/sqlite3';

describe('ic and the files of dispatches', function () {
  this.timeout(180_000);
  let project: IcProject;

  beforeEach(async () => {
    project = await IcProject.open();
  });
  afterEach(() => project.close());

  /** A dispatch that has ended. */
  const play = async (script: string) => {
    const prompt = await project.write('prompt.sh', script);
    const id = await project.ok('dispatch', 'spawn', '--type=shell', `--prompt-file=${prompt}`);
    await project.ok('dispatch', 'wait', id);
    const files = await findDispatchFiles([project.at('state/intercore/dispatches')], id);
    return { id, files: files ?? assert.fail('no files') };
  };
  const age = (id: string) =>
    sqlite3(project.database, `UPDATE dispatches SET created_at = created_at - 7200 WHERE id = '${id}'`);

  it('deletes the files of pruned dispatches', async () => {
    const old = await play('echo old\n');
    const young = await play('echo young\n');
    await age(old.id);
    assert.equal(await project.ok('dispatch', 'prune', '--older-than=1h'), '1 pruned');
    assert.deepEqual(
      { givenExists: existsSync(old.files.given), recordsExists: existsSync(old.files.records) },
      { givenExists: false, recordsExists: false },
    );
    assert.ok(existsSync(young.files.log) && existsSync(young.files.prompt));
  });

  describe('in the status of a dispatch', () => {
    it('shows the files that were altered', async () => {
      const { id, files } = await play('echo done\n');
      await appendFile(files.log, 'more\n');
      assert.match(await project.ok('dispatch', 'status', id), /^Altered: log$/m);
      await appendFile(files.prompt, 'more\n');
      assert.match(await project.ok('dispatch', 'status', id, '--json'), /"altered":\s*\["prompt",\s*"log"\]/);
    });

    it('shows nothing if no file was altered', async () => {
      const { id } = await play('echo done\n');
      assert.doesNotMatch(await project.ok('dispatch', 'status', id), /altered/i);
      assert.doesNotMatch(await project.ok('dispatch', 'status', id, '--json'), /altered/i);
    });
  });

  it('does not delete files outside of storage that a pruned row refers to', async () => {
    const { id } = await play('echo old\n');
    const victim = await project.write('victim/notes.md', 'mine');
    const columns = ['prompt_file', 'output_file', 'verdict_file'].map((name) => `${name} = '${victim}'`).join(', ');
    await sqlite3(project.database, `UPDATE dispatches SET ${columns} WHERE id = '${id}'`);
    await age(id);
    await project.ok('dispatch', 'prune', '--older-than=1h');
    assert.ok(existsSync(victim));
  });
});
