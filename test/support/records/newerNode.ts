/** The Node of the VS Code that tests run in, which has `node:sqlite`; undefined before it is installed. */
import { readdir, stat } from 'node:fs/promises';
import { inCache } from '../../../tools/project';

export async function newerNode(): Promise<string | undefined> {
  const servers = await readdir(inCache('vscode-server')).catch(() => []);
  for (const server of servers) {
    const program = inCache('vscode-server', server, 'node/node_modules/node/bin/node');
    if ((await stat(program).catch(() => undefined))?.isFile() === true) return program;
  }
  return undefined;
}
