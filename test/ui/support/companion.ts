/** A second extension in the same window that writes through the exported API, as fast as it can. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const MANIFEST = {
  name: 'companion',
  publisher: 'test',
  version: '1.0.0',
  engines: { vscode: '^1.90.0' },
  main: './main.js',
  extensionDependencies: ['intercore.intercore'],
  contributes: { commands: [{ command: 'companion.write', title: 'Write', category: 'Companion' }] },
};

/** Each lane makes a run and moves it; what was acknowledged is in `ledger.json` before the message says so. */
const program = (lanes: number, advances: number): string => `
const vscode = require('vscode');
const { writeFileSync } = require('node:fs');
const path = require('node:path');

async function lane(api, folder, n, ledger) {
  const run = await api.runs.create({ folder, goal: 'window ' + n });
  ledger.push('run ' + run.id + ' window ' + n);
  for (let i = 0; i < ${advances}; i += 1) {
    const { toPhase } = await api.runs.advance({ folder, runId: run.id });
    ledger.push('event ' + run.id + ' ' + toPhase);
    const [artifact] = await api.artifacts.add({ folder, runId: run.id, paths: ['src/window-' + n + '-' + i + '.js'] });
    ledger.push('artifact ' + artifact.id + ' src/window-' + n + '-' + i + '.js');
  }
}

exports.activate = (context) => {
  context.subscriptions.push(vscode.commands.registerCommand('companion.write', async () => {
    const api = vscode.extensions.getExtension('intercore.intercore').exports;
    const { folder } = api.folders()[0];
    const ledger = [];
    const ends = await Promise.allSettled(Array.from({ length: ${lanes} }, (_, n) => lane(api, folder, n, ledger)));
    const failures = ends.filter((end) => end.status === 'rejected').map((end) => String(end.reason));
    writeFileSync(path.join(__dirname, 'ledger.json'), JSON.stringify({ ledger, failures }));
    void vscode.window.showInformationMessage('The companion has written.');
  }));
};
`;

/** Writes the extension into `folder` and returns it. */
export async function writeCompanion(folder: string, lanes: number, advances: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(MANIFEST));
  await writeFile(path.join(folder, 'main.js'), program(lanes, advances));
  return folder;
}
