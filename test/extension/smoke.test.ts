import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('the extension', () => {
  it('activates in this window and returns its versioned API', async () => {
    const extension = vscode.extensions.getExtension<{ readonly version: number }>('intercore.intercore');
    assert.ok(extension, 'VS Code did not load the extension');
    const api = await extension.activate();
    assert.equal(typeof api.version, 'number');
  });
});
