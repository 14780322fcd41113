/** `ic lead status`, and `ic lead` in the overview of commands. */
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

  it('shows, below a folder with a record, the leader of that folder, which ic lead would lead too', async () => {
    const below = path.join(project.folder, 'src', 'deep');
    await mkdir(below, { recursive: true });
    const { stdout, stderr } = await ic(['lead', 'status'], { cwd: below, env: { HOME: project.folder } });
    assert.equal(stdout, `${await realpath(project.folder)}\tnone\n`, stderr);
  });

  it('is listed in the overview with the summary of ic lead', async () => {
    const { stdout } = await project.run(['help']);
    assert.match(stdout, /^ {2}lead {8}Make agents work .*\. Also: status$/m);
    assert.doesNotMatch(stdout, /^ {2}\S+ +,/m);
  });
});
