/** Merging a left log, beside programs that merge it themselves. */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mergeLeftLog } from '../../../src/host/image/leftLog';
import { Projects } from '../../support/projects';

describe('a left log', () => {
  const projects = Projects.ofSuite();

  it('that its program has merged meanwhile is none: nothing is written, and no backup stays', async () => {
    const folder = await projects.folder();
    const file = path.join(folder, 'intercore.db');
    await writeFile(file, 'as it is');
    const log = { merged: Buffer.from('other'), heldName: path.join(folder, 'held') };
    assert.equal(await mergeLeftLog(file, log, Date.now()), false);
    assert.equal(await readFile(file, 'utf8'), 'as it is');
    assert.deepEqual(await readdir(folder), ['intercore.db']);
  });
});
