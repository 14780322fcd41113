/** `ic doctor` in real folders. */
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { ic } from '../../../support/ic/ic';
import { IcProject } from '../../../support/records/icProject';

const report = z.object({
  findings: z.array(
    z.object({ check: z.string(), level: z.string(), code: z.string(), saw: z.string(), remedy: z.string() }),
  ),
});

describe('ic doctor', function () {
  this.timeout(60_000);
  let project: IcProject;
  beforeEach(async () => {
    project = await IcProject.open();
  });
  afterEach(() => project.close());

  const home = (): Record<string, string> => ({ HOME: project.folder, GIT_CONFIG_COUNT: '0' });

  it('prints a report, and exits with 1 if there is a problem', async () => {
    await truncate(project.database, 5000);
    const { code, stdout } = await project.run(['doctor'], { env: home() });
    assert.equal(code, 1);
    assert.match(stdout, /^Intercore Doctor\n=+\n\nProblems: [1-9]/);
    assert.match(stdout, /\[databases\] ~\/\.clavain\/intercore\.db is damaged/);
    assert.match(stdout, /What to do: Restore the newest backup/);
  });

  it('prints the same report as JSON, without paths in fixes', async () => {
    const { stdout } = await project.run(['doctor', '--json'], { env: home() });
    const { findings } = report.parse(JSON.parse(stdout));
    assert.ok(findings.some(({ code }) => code === 'DATABASE_SOUND'));
    assert.ok(findings.every(({ level, remedy }) => level === 'ok' || remedy !== ''));
    assert.ok(!stdout.includes(project.folder), stdout);
  });

  it('works without a record', async () => {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-doctor-')));
    try {
      const { stdout } = await ic(['doctor'], { cwd: folder, env: home() });
      assert.match(stdout, /\[databases\] There is no record in .+ yet\./);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
