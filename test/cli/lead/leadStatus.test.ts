/** `ic lead status` and the overview of commands name what `ic lead` does. */
import assert from 'node:assert/strict';
import { mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { ic } from '../../support/ic/ic';
import { IcProject } from '../../support/records/icProject';

describe('ic lead status', function () {
  this.timeout(30_000);
  let project: IcProject;

  beforeEach(async () => {
    project = await IcProject.open();
  });
  afterEach(() => project.close());

  it('below a folder with a record shows the leader of that folder, as ic lead would lead it', async () => {
    const below = path.join(project.folder, 'src', 'deep');
    await mkdir(below, { recursive: true });
    const { stdout, stderr } = await ic(['lead', 'status'], { cwd: below, env: { HOME: project.folder } });
    assert.equal(stdout, `${await realpath(project.folder)}\tnone\n`, stderr);
  });

  it('is named in the overview beside what ic lead itself does', async () => {
    const { stdout } = await project.run(['help']);
    assert.match(stdout, /^ {2}lead {8}Make agents work .*\. Also: status$/m);
    assert.doesNotMatch(stdout, /^ {2}\S+ +,/m);
  });
});
