import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pidNaming, processRunning } from '../../../src/host/process/runningFile';

const FILE = '/Users/ada/My State/agents/gemini-0.61.0/node_modules/gemini.js';
const WINDOWS_FILE = 'C:\\Users\\Ada\\agents\\gemini-0.61.0\\gemini.js';

const HAS_PS = ['/bin/ps', '/usr/bin/ps'].some((program) => existsSync(program));

describe('the processes that run a file', () => {
  const printed = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
  const windows = (...lines: readonly (string | null)[]): string =>
    JSON.stringify(lines.map((CommandLine, index) => ({ ProcessId: index + 1, CommandLine })));

  it('are read from what ps prints, with spaces in the path', () => {
    const lines = printed([
      '    1 /sbin/launchd',
      `  512 node ${FILE} --acp`,
      `  513 node ${FILE}`,
      ` 9999 ${FILE} acp`,
      `  600 node ${FILE}.map`,
      `  601 node /other${FILE}`,
      '  602',
    ]);
    assert.deepEqual(pidNaming(FILE, lines, 'darwin'), [512, 513, 9999]);
  });

  it('are read from the JSON of Windows, in any spelling of the path', () => {
    const text = windows(
      null,
      `"C:\\Program Files\\nodejs\\node.exe" "${WINDOWS_FILE}" --acp`,
      `node ${WINDOWS_FILE.toUpperCase()}`,
      `node ${WINDOWS_FILE.replaceAll('\\', '/')} --acp`,
      `node ${WINDOWS_FILE}on`,
    );
    assert.deepEqual(pidNaming(WINDOWS_FILE, `\uFEFF${text}`, 'win32'), [2, 3, 4]);
  });

  it('are none where the tool printed something else', () => {
    for (const text of ['', 'Access denied', '{"ProcessId":1}', '[{"ProcessId":"1"}]']) {
      assert.deepEqual(pidNaming(WINDOWS_FILE, text, 'win32'), [], text);
      assert.deepEqual(pidNaming(FILE, text, 'darwin'), [], text);
    }
  });

  it('are found on this system, also by its ps', async function () {
    if (process.platform === 'win32') this.skip();
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'running file-')));
    const file = path.join(folder, 'main.js');
    await writeFile(file, 'process.stdout.write("on"); process.stdin.resume();\n');
    const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      await once(child.stdout, 'data');
      assert.equal(await processRunning(file), child.pid);
      if (HAS_PS) assert.equal(await processRunning(file, 'darwin'), child.pid);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'close');
      await rm(folder, { recursive: true });
    }
    assert.equal(await processRunning(file), undefined);
  });
});
