/** `ic` opens no record of another user, unless this user trusts its folder. */
import assert from 'node:assert/strict';
import { chown, mkdir } from 'node:fs/promises';
import { IcProject } from '../../../support/records/icProject';
import { McpSession } from '../../../support/ic/mcp';

const OTHER = 54_321;

describe('a record of another user', function () {
  this.timeout(60_000);
  let project: IcProject;

  beforeEach(async function () {
    // Only this user may give files away.
    if (process.geteuid?.() !== 0) return this.skip();
    project = await IcProject.open();
  });
  afterEach(() => project.close());

  for (const [what, file] of [
    ['file', '.clavain/intercore.db'],
    ['folder', '.clavain'],
  ] as const) {
    it(`is not opened from a folder below it, because of the owner of its ${what}`, async () => {
      await mkdir(project.at('deep', 'down'), { recursive: true });
      await chown(project.at(file), OTHER, OTHER);
      for (const args of [['run', 'list'], ['init'], ['needs'], ['--db=.clavain/intercore.db', 'run', 'list']]) {
        const cwd =
          args[0]?.startsWith('--db') === true || args[0] === 'init' ? project.folder : project.at('deep', 'down');
        const { code, stderr } = await project.run(args, { cwd });
        assert.equal(code, 2, args.join(' '));
        assert.match(stderr, /belongs to another user, 54321.*ic trust add/s);
      }
      const env = { INTERCORE_DISPATCH_ID: 'd1', INTERCORE_DB: project.database };
      assert.equal((await project.run(['run', 'list'], { cwd: '/', env })).code, 2, 'named by the environment');
      await assert.rejects(McpSession.open({ cwd: project.folder, env: project.env }), 'ic mcp');
    });
  }

  it('is opened only while this user trusts the folder', async () => {
    for (const file of ['.', '.clavain', '.clavain/intercore.db']) await chown(project.at(file), OTHER, OTHER);
    await project.ok('trust', 'add', project.folder);
    assert.equal(await project.ok('run', 'list'), '');
    await project.ok('trust', 'remove', project.folder);
    assert.equal((await project.run(['run', 'list'])).code, 2);
  });

  it('cannot be trusted by an agent', async () => {
    const { code } = await project.run(['trust', 'add', project.folder], { env: { INTERCORE_DISPATCH_ID: 'd1' } });
    assert.equal(code, 1);
  });
});
