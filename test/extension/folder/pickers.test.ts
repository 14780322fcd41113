/** What a person is asked, and that Esc changes nothing. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import type { CommandId } from '../../../src/contract/surfaces/commands';
import { dump, openFolder, withDatabase } from '../../support/extension/window';

/** Each asks for something when it is called from the palette with two runs to choose from. */
const ASKING: readonly CommandId[] = [
  'intercore.run.create',
  'intercore.run.next',
  'intercore.run.advance',
  'intercore.run.skip',
  'intercore.run.rollback',
  'intercore.run.cancel',
  'intercore.run.setGoal',
  'intercore.run.setBudget',
  'intercore.run.show',
  'intercore.gate.check',
  'intercore.gate.override',
  'intercore.gate.rules',
  'intercore.artifact.add',
  'intercore.agent.add',
  'intercore.dispatch.start',
];

describe('a person who presses Esc', () => {
  const folder = openFolder();
  let api: IntercoreApi;

  before(async () => {
    api = await withDatabase(folder);
    for (const goal of ['First of two', 'Second of two']) await api.runs.create({ folder, goal });
  });

  for (const id of ASKING) {
    it(`leaves everything as it was in ${id}`, async () => {
      const before = await dump(api, folder);
      const outcome = { isSettled: false, value: undefined as unknown };
      const done = Promise.resolve(vscode.commands.executeCommand(id)).then((value) => {
        outcome.isSettled = true;
        outcome.value = value;
      });
      // The input may not be on the screen yet, and nothing tells when it is.
      while (!outcome.isSettled) await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      await done;
      assert.ok(outcome.value === undefined, JSON.stringify(outcome.value));
      assert.deepEqual(await dump(api, folder), before);
    });
  }
});
