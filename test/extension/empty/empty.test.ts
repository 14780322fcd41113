/** A window without a folder: every command ends with a sentence, none with a fault. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS, type CommandId } from '../../../src/contract/surfaces/commands';
import type { ErrorCode } from '../../../src/kernel/errors/errors';
import { activateExtension, call, refuses } from '../../support/extension/window';

/** These work without a folder. */
const ANYWHERE: readonly CommandId[] = [
  'intercore.attention.show',
  'intercore.doctor.run',
  'intercore.gate.rules',
  'intercore.log.show',
  'intercore.settings.open',
  'intercore.walkthrough.open',
];
/** These are about what is listed, where nothing is. */
const OF_A_LIST: readonly CommandId[] = [
  'intercore.account.pause',
  'intercore.account.resume',
  'intercore.attention.act',
  'intercore.attention.reveal',
];
/** These need no folder either, but ask, sign in or open another window, which the tests here would not survive. */
const LEADING_ON: readonly CommandId[] = [
  'intercore.agent.addKind',
  'intercore.demo.open',
  'intercore.demo.remove',
  'intercore.doctor.fix',
  'intercore.github.signIn',
  'intercore.project.addFromGitHub',
];
const REFUSED = (Object.keys(COMMANDS) as CommandId[]).filter((id) => ![...ANYWHERE, ...LEADING_ON].includes(id));

function codeOf(id: CommandId): ErrorCode {
  if (OF_A_LIST.includes(id)) return 'NONE_AVAILABLE';
  return id.startsWith('intercore.portfolio.') ? 'NO_PORTFOLIO_HOME' : 'NO_FOLDER';
}

describe('an empty window', () => {
  it('has no folders', async () => {
    assert.deepEqual((await activateExtension()).folders(), []);
  });

  for (const id of REFUSED) {
    it(`says that ${id} has nothing to work on: ${codeOf(id)}`, async () => {
      await refuses(codeOf(id), vscode.commands.executeCommand(id, {}));
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

  it('refuses to fix what the doctor did not find', async () => {
    await refuses('NONE_AVAILABLE', call('intercore.doctor.fix', { finding: 9999 }));
  });
});
