/** A second extension that signs people in, as the one of GitHub Enterprise Server does: to a server of the test. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const PROVIDER = { id: 'github-enterprise', label: 'Test GitHub' };
const MANIFEST = {
  name: 'account',
  publisher: 'test',
  version: '1.0.0',
  engines: { vscode: '^1.90.0' },
  main: './main.js',
  activationEvents: [`onAuthenticationRequest:${PROVIDER.id}`],
  contributes: { authentication: [PROVIDER] },
};

const program = (token: string): string => `
const vscode = require('vscode');
const changed = new vscode.EventEmitter();
let sessions = [];
exports.activate = (context) => {
  context.subscriptions.push(vscode.authentication.registerAuthenticationProvider('${PROVIDER.id}', '${PROVIDER.label}', {
    onDidChangeSessions: changed.event,
    getSessions: async (scopes) => sessions.filter((one) => !scopes || scopes.every((s) => one.scopes.includes(s))),
    createSession: async (scopes) => {
      const session = { id: '1', accessToken: '${token}', account: { id: 'ada', label: 'ada' }, scopes };
      sessions = [session];
      changed.fire({ added: [session], removed: [], changed: [] });
      return session;
    },
    removeSession: async () => { sessions = []; },
  }));
};
`;

/** Writes the extension into `folder` and returns it. */
export async function writeAccount(folder: string, token: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(MANIFEST));
  await writeFile(path.join(folder, 'main.js'), program(token));
  return folder;
}
