/** Agents and checks of a window get what the person's login shell sets, which the window itself was not started with. */
import assert from 'node:assert/strict';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import { openFolder, withDatabase } from '../../support/extension/window';
import { JAVA_HOME_OF_PROFILE } from '../../support/vscode/loginShell';

describe('the login shell of a window', function () {
  this.timeout(60_000);
  const folder = openFolder();
  let api: IntercoreApi;

  before(async () => {
    api = await withDatabase(folder);
  });

  const outcomeOf = async (prompt: string): Promise<unknown> => {
    const { id: dispatchId } = await api.dispatches.start({ folder, kind: 'shell', prompt });
    const { status, exitCode } = await api.dispatches.wait({ folder, dispatchId });
    return [status, exitCode];
  };

  it('gives an agent the variables of its profile', async () => {
    assert.notEqual(process.env['JAVA_HOME'], JAVA_HOME_OF_PROFILE);
    assert.deepEqual(await outcomeOf(`test "$JAVA_HOME" = '${JAVA_HOME_OF_PROFILE}'`), ['completed', 0]);
  });

  it('gives an agent nothing that is not on the list', async () => {
    assert.deepEqual(await outcomeOf('test -z "$SECRET_OF_THE_PROFILE"'), ['completed', 0]);
  });
});
