/** A text that a person writes to a session, while the session ends. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeTmpFolder } from '../../tools/project';
import { databaseLocation } from '../../src/host/files/paths';
import { storageFolder } from '../../src/host/state/stateFolder';
import { permission, SessionFixture } from '../support/dispatch/sessions';
import { icOk } from '../support/ic/ic';
import { sqlite3 } from '../support/records/sqlite3';
import { said } from './support/said';
import { titleOf, viewName } from './support/titles';
import { withWorkbench } from './support/withWorkbench';

describe('a text to an agent whose session ends meanwhile', function () {
  this.timeout(120_000);
  let scratch: string;
  let session: SessionFixture;
  let dispatchId: string;

  const kinds = [{ name: 'talker', command: process.execPath, args: [], protocol: 'acp' }];
  const workbench = withWorkbench(() =>
    Promise.resolve({ opens: 'folder', settings: { 'intercore.agents.kinds': kinds } }),
  );
  const does = (...args: readonly string[]): Promise<string> => {
    const { opened } = workbench().session;
    return icOk(args, { cwd: opened.kind === 'folder' ? opened.path : assert.fail('a folder is open') });
  };
  const input = () => workbench().quickInput;
  const row = () => workbench().tree(viewName('dispatches')).row('Reviewer');

  before('start an agent', async () => {
    scratch = await makeTmpFolder('lateText');
    await workbench().openContainer('Intercore');
    await does('init');
    const script = path.join(scratch, 'reviewer.sh');
    await writeFile(script, 'exec sleep 600\n');
    dispatchId = await does('dispatch', 'spawn', '--type=shell', '--name=Reviewer', `--prompt-file=${script}`);
    session = await SessionFixture.make(storageFolder(process.env), dispatchId);
    await session.write({ requests: [permission()] });
    const { opened } = workbench().session;
    const folder = opened.kind === 'folder' ? opened.path : assert.fail('a folder is open');
    // The fixture's agent is a script. A kind with sessions can be talked to, and needs consent.
    await sqlite3(
      databaseLocation(folder).path,
      `UPDATE dispatches SET agent_type = 'talker'; UPDATE dispatch_processes SET session_id = 'session-1'`,
    );
    await does('dispatch', 'tokens', dispatchId, '--in=1');
  });
  after('remove the prompt', () => rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  it('waits for a person in its row, too', async () => {
    await row()
      .locator.filter({ hasText: said('waits for you') })
      .waitFor();
    await workbench().screenshot('dispatch-waits');
  });

  it('leads to a dispatch that continues the session', async () => {
    await row().inlineAction(titleOf('session.say'));
    await input().fill('Use the new parser.');
    await input().accept();
    await input().waitFor(said('Say to Agent'));
    await session.write({ phase: 'ended' });
    await does('dispatch', 'kill', dispatchId);
    await input().pick(said('After this turn'));
    // A new dispatch needs the consent of the person.
    await workbench()
      .dialog.getByRole('button', { name: said('Allow'), exact: true })
      .waitFor();
    await workbench().screenshot('late-text');
    await workbench().answerDialog('Cancel');
  });
});
