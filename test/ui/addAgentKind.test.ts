/** *Add Agent Kind…* where the agent's own program is not installed, with npm and its registry. */
import assert from 'node:assert/strict';
import { mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { makeTmpFolder } from '../../tools/project';
import { findProgram } from '../../src/host/process/programs';
import { describeLong } from '../support/long';
import { partOf, said } from './support/said';
import { inPalette } from './support/titles';
import { withWorkbench } from './support/withWorkbench';

const PROGRAMS = ['node', 'npm', 'git', 'sh', 'bash', 'env', 'uname', 'dirname', 'readlink', 'sed', 'cat', 'ps'];
const ADDED = 'was added as the agent kind codex-acp';
const NOW_DEFAULT = partOf(
  '{title} {version} was added as the agent kind {kind}, which is now the default.',
  'which is now the default',
);

describeLong('an agent kind that is added without its program', function () {
  this.timeout(180_000);
  let scratch: string;

  const workbench = withWorkbench(async () => {
    scratch = await makeTmpFolder('addAgentKind');
    const programs = path.join(scratch, 'bin');
    await mkdir(programs);
    for (const name of PROGRAMS) {
      const found = await findProgram(name, process.env);
      if (found !== undefined) await symlink(found, path.join(programs, name));
    }
    return {
      opens: 'folder',
      env: { PATH: programs, XDG_STATE_HOME: path.join(scratch, 'state'), SHELL: path.join(programs, 'bash') },
    };
  });
  after(() => rm(scratch, { recursive: true, force: true, maxRetries: 5 }));

  const message = () => workbench().notification(ADDED);

  it('says what is missing, and offers to install it and to make it the default', async () => {
    await workbench().openContainer('Intercore');
    await workbench().runCommand(inPalette('agent.addKind'));
    await workbench().quickInput.pick('Codex');
    await message().waitFor({ timeout: 150_000 });
    await workbench().screenshot('agent-kind-added');
    const buttons = await message().getByRole('button').allInnerTexts();
    assert.deepEqual(
      buttons.filter((text) => text !== ''),
      [said('Install {program}', { program: 'codex' }), said('Make Default')],
    );
  });

  it('becomes the default, and is still offered to be installed', async () => {
    await workbench().answerNotification(ADDED, said('Make Default'));
    await workbench().notification(NOW_DEFAULT).waitFor();
    await workbench().screenshot('agent-kind-default');
    await workbench().answerNotification(ADDED, said('Install {program}', { program: 'codex' }));
    const line = 'npm install -g @openai/codex';
    await workbench().page.locator('.part.panel .xterm-rows', { hasText: line }).waitFor();
    await workbench().screenshot('agent-kind-install');
  });
});
