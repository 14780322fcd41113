/** The variables of the login shell, asked of real shells and of shells that misbehave. */
import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { silentLog } from '../../../src/host/log';
import { LoginShell } from '../../../src/host/process/loginShell';
import { Projects } from '../../support/projects';

describe('the login shell', () => {
  const projects = Projects.ofSuite();
  let home: string;
  beforeEach(async () => {
    home = path.join(await projects.folder(), 'home');
    await mkdir(home);
  });

  const shellOf = (shell: string, more: Partial<ConstructorParameters<typeof LoginShell>[0]> = {}): LoginShell =>
    new LoginShell({
      environment: { PATH: process.env['PATH'], HOME: home, SHELL: shell, OF_THE_EDITOR: 'kept' },
      trusted: () => true,
      log: silentLog,
      ...more,
    });
  const script = async (text: string): Promise<string> => {
    const file = path.join(home, 'shell');
    await writeFile(file, `#!/bin/sh\n${text}\n`);
    await chmod(file, 0o755);
    return file;
  };

  it('gives what its start-up files set, whatever else they print', async () => {
    const profile =
      'echo welcome; export JAVA_HOME="/opt/java 21" GREETING="a\nb"; echo $VSCODE_RESOLVING_ENVIRONMENT > asked';
    await writeFile(path.join(home, '.bash_profile'), profile);
    const shell = shellOf('/bin/bash');
    const { JAVA_HOME, GREETING, OF_THE_EDITOR, ELECTRON_RUN_AS_NODE, VSCODE_RESOLVING_ENVIRONMENT } =
      await shell.variables();
    assert.deepEqual(
      { javaHome: JAVA_HOME, greeting: GREETING, ofTheEditor: OF_THE_EDITOR },
      { javaHome: '/opt/java 21', greeting: 'a\nb', ofTheEditor: 'kept' },
    );
    assert.deepEqual(
      { electronRunAsNode: ELECTRON_RUN_AS_NODE, vscodeResolvingEnvironment: VSCODE_RESOLVING_ENVIRONMENT },
      { electronRunAsNode: undefined, vscodeResolvingEnvironment: undefined },
    );
    assert.equal(await readFile(path.join(home, 'asked'), 'utf8'), '1\n');
    assert.equal(shell.problem, undefined);
  });

  it('is asked once', async () => {
    await writeFile(path.join(home, '.bash_profile'), 'echo once >> asked');
    const shell = shellOf('/bin/bash');
    await Promise.all([shell.variables(), shell.variables()]);
    await shell.variables();
    assert.equal(await readFile(path.join(home, 'asked'), 'utf8'), 'once\n');
  });

  it('is not started in a folder that is not trusted', async () => {
    const shell = shellOf(await script('touch "$HOME/started"'), { trusted: () => false });
    assert.equal((await shell.variables())['OF_THE_EDITOR'], 'kept');
    await assert.rejects(readFile(path.join(home, 'started')));
  });

  it('answers although a start-up file leaves a program behind that holds its output', async () => {
    await writeFile(path.join(home, '.bash_profile'), 'sleep 60 & echo $! > left; export SET=1');
    assert.equal((await shellOf('/bin/bash').variables())['SET'], '1');
    process.kill(Number(await readFile(path.join(home, 'left'), 'utf8')));
  });

  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['fails', 'exit 3', /exit code 3/],
    ['prints no environment', 'echo hello', /printed no environment/],
    ['hangs', 'sleep 60', /no response in 0.5 seconds/],
  ];
  for (const [what, text, problem] of broken) {
    it(`leaves the variables of the editor where it ${what}, with the reason`, async () => {
      const timeLimitMs = what === 'hangs' ? 500 : 20_000;
      const shell = shellOf(await script(text), { timeLimitMs });
      assert.equal((await shell.variables())['OF_THE_EDITOR'], 'kept');
      assert.match(shell.problem ?? '', problem);
    });
  }

  it('leaves the variables of the editor where there is no such program', async () => {
    const shell = shellOf('/no/such/shell');
    assert.equal((await shell.variables())['OF_THE_EDITOR'], 'kept');
    assert.match(shell.problem ?? '', /ENOENT/);
  });

  it('is not asked by a window that was started in a terminal', async () => {
    const environment = { HOME: home, SHELL: await script('touch "$HOME/started"'), VSCODE_CLI: '1' };
    assert.deepEqual(await shellOf('', { environment }).variables(), environment);
    await assert.rejects(readFile(path.join(home, 'started')));
  });
});
