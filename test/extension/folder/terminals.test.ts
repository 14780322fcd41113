/**
 * What a terminal of the window finds in its environment, and that the setting decides (`docs/design/commandLine.md`).
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { activateExtension } from '../../support/extension/window';

const PATIENCE_MS = 30_000;

describe('a terminal of the window', function () {
  this.timeout(2 * PATIENCE_MS);
  let folder = '';

  before(async () => {
    await activateExtension();
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'intercore-terminal-')));
  });

  after(async () => {
    await setting('agents.kinds', undefined);
    await setting('terminal.addToPath', undefined);
    await rm(folder, { recursive: true, force: true });
  });

  const setting = (key: string, value: unknown): Thenable<void> =>
    vscode.workspace.getConfiguration('intercore').update(key, value, vscode.ConfigurationTarget.Global);

  /** What the shell of a new terminal writes for `command`. */
  async function said(command: string): Promise<string> {
    const file = path.join(folder, 'said');
    await rm(file, { force: true });
    const args = ['-c', `{ ${command}; } > said.tmp 2>&1; mv said.tmp said`];
    const closed = new Promise<void>((resolve) => {
      const listening = vscode.window.onDidCloseTerminal((closing) => {
        if (closing !== terminal) return;
        listening.dispose();
        resolve();
      });
    });
    const terminal = vscode.window.createTerminal({ cwd: folder, shellPath: '/bin/sh', shellArgs: args });
    await closed;
    return (await readFile(file, 'utf8')).trim();
  }

  it('runs ic, also where the machine has no Node', async () => {
    assert.match(await said('ic version'), /^ic \d+\.\d+\.\d+/);
    assert.match(await said('PATH="${PATH%%:*}:/usr/bin:/bin" ic version'), /^ic \d+\.\d+\.\d+/);
  });

  it('gives ic the agent kinds of the settings, in a file of its owner alone', async () => {
    await setting('agents.kinds', [{ name: 'echo', command: '/bin/echo' }]);
    const file = await said('echo "$INTERCORE_AGENT_KINDS"');
    assert.ok(path.isAbsolute(file), file);
    await until(async () => (await readFile(file, 'utf8')).includes('"echo"'));
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    await setting('agents.kinds', undefined);
    await until(async () => (await readFile(file, 'utf8')) === '[]');
  });

  it('has nothing of ours once the setting says so, and again when it says otherwise', async () => {
    const command = 'command -v ic || echo none; echo "${INTERCORE_NODE:+node}"';
    await setting('terminal.addToPath', false);
    assert.equal(await said(command), 'none');
    await setting('terminal.addToPath', true);
    assert.match(await said(command), /bin\/ic\nnode$/);
  });
});

/** A file tells nothing when it is replaced, so it is checked until it is as wanted. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    assert.ok(Date.now() < deadline, 'it never came');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
