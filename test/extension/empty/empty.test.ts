/** A window without a folder: every command ends with a sentence, none with a fault. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS, type CommandId } from '../../../src/contract/commands';
import { activateExtension, refuses } from '../../support/extension/window';

/** These work without a folder. */
const ANYWHERE: readonly CommandId[] = ['intercore.log.show', 'intercore.settings.open', 'intercore.gate.rules'];
const needFolder = (Object.keys(COMMANDS) as CommandId[]).filter((id) => !ANYWHERE.includes(id));

describe('an empty window', () => {
  it('has no folders', async () => {
    assert.deepEqual((await activateExtension()).folders(), []);
  });

  for (const id of needFolder) {
    it(`says that ${id} needs a folder`, async () => {
      const code = id.startsWith('intercore.portfolio.') ? 'NO_PORTFOLIO_HOME' : 'NO_FOLDER';
      await refuses(code, vscode.commands.executeCommand(id, {}));
    });

    it(`tells a person who calls ${id}, without rejecting`, async () => {
      assert.equal(await vscode.commands.executeCommand(id), undefined);
    });
  }

  for (const id of ANYWHERE) {
    it(`does ${id}`, async () => {
      assert.notEqual(await vscode.commands.executeCommand(id, {}), undefined);
    });
  }
});
