/**
 * Hooks come with a folder: they run only in the form that this user has allowed, and without the user's credentials.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rename, symlink } from 'node:fs/promises';
import { IcProject } from '../../../support/records/icProject';

const HOOK = '.clavain/hooks/on-phase-advance';
const env = { GH_TOKEN: 'secret-1', ANTHROPIC_API_KEY: 'secret-2', HOME: '/nowhere' };

describe('hooks of a project', function () {
  this.timeout(60_000);
  let project: IcProject;
  let run: string;

  beforeEach(async () => {
    project = await IcProject.open();
    run = await project.ok('run', 'create', '--goal=work');
    await project.write(HOOK, '#!/bin/sh\nenv > canary\n', 0o755);
  });
  afterEach(() => project.close());

  const advance = async (): Promise<string> => (await project.run(['run', 'advance', run], { env })).stderr;
  const ran = (): boolean => existsSync(project.at('canary'));

  it('do not run before this user has allowed them, which is reported once', async () => {
    assert.match(await advance(), /hook on-phase-advance was not run: .*ic hooks allow/);
    assert.equal(await advance(), '');
    assert.equal(ran(), false);
    assert.match(await project.ok('hooks', 'list'), /on-phase-advance\s+not allowed/);
  });

  it('run once they are allowed, with an environment without credentials', async () => {
    await project.ok('hooks', 'allow');
    assert.equal(await advance(), '');
    const seen = await readFile(project.at('canary'), 'utf8');
    assert.doesNotMatch(seen, /secret/);
    assert.match(seen, /^PATH=/m);
  });

  it('must be allowed again after a change, and after that change was undone', async () => {
    await project.ok('hooks', 'allow');
    await project.write(HOOK, '#!/bin/sh\n# changed\nenv > canary\n', 0o755);
    assert.match(await advance(), /was not run/);
    await project.ok('hooks', 'allow');
    await project.ok('hooks', 'revoke');
    assert.match(await advance(), /was not run/);
    assert.equal(ran(), false);
  });

  it('do not run through a link, even if they were allowed', async () => {
    await project.ok('hooks', 'allow');
    await rename(project.at(HOOK), project.at('elsewhere'));
    await symlink(project.at('elsewhere'), project.at(HOOK));
    assert.match(await advance(), /hook on-phase-advance was not run: it is a link/);
    assert.equal(ran(), false);
  });

  it('cannot be allowed by an agent', async () => {
    const { code } = await project.run(['hooks', 'allow'], { env: { INTERCORE_DISPATCH_ID: 'd1' } });
    assert.equal(code, 1);
  });
});
