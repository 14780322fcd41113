/** An untrusted window may look, never change or run anything (`docs/design/editor.md`). */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import { COMMANDS, type CommandId } from '../../../src/contract/surfaces/commands';
import { activateExtension, call, openFolder, refuses } from '../../support/extension/window';

const changing = (Object.keys(COMMANDS) as CommandId[]).filter((id) => COMMANDS[id].changes);

describe('an untrusted window', () => {
  const folder = openFolder();
  let api: IntercoreApi;

  before(async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    api = await activateExtension();
  });

  afterEach(() => {
    assert.ok(!existsSync(path.join(folder, '.clavain')), 'something was written');
  });

  for (const id of changing) {
    it(`refuses ${id}, called directly`, async () => {
      await refuses('UNTRUSTED', vscode.commands.executeCommand(id, { folder }));
    });
  }

  it('refuses changes through the API', async () => {
    await refuses('UNTRUSTED', api.database.initialize({ folder }));
    await refuses('UNTRUSTED', api.runs.create({ folder, goal: 'x' }));
    await refuses('UNTRUSTED', api.dispatches.start({ folder, kind: 'shell', prompt: 'touch pwned' }));
    await refuses('UNTRUSTED', api.artifacts.add({ folder, runId: 'r', paths: ['README.md'] }));
  });

  it('looks', async () => {
    assert.deepEqual(
      api.folders().map((info) => info.folder),
      [folder],
    );
    assert.ok(Array.isArray(await call('intercore.gate.rules', {})));
    await refuses('DATABASE_MISSING', api.runs.list({ folder }));
  });
});
