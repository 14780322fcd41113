/** Shows the demo in a browser: the VS Code server with the extension installed as a user installs it. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../../tools/command';
import { ensureVsCodeServer } from '../../tools/install';
import { inProject, projectRoot, type Say } from '../../tools/project';
import { installPackage, startServer, type RunningServer } from '../../tools/server';
import { defined } from '../../src/kernel/defined';

const TOKEN_BYTES = 16;

export interface ServedDemo {
  readonly server: RunningServer;
  /** The address of the workspace. It carries the secret that the server requires. */
  readonly address: string;
}

/** Packages and installs the extension and starts the server on `port`, or a free one. Throws when a step fails. */
export async function openInServer(
  workspace: string,
  data: string,
  settings: Readonly<Record<string, unknown>>,
  port: number | undefined,
  say: Say,
): Promise<ServedDemo> {
  const install = await ensureVsCodeServer(say);
  const extensionsFolder = path.join(data, 'extensions');
  say('Packaging and installing the extension …');
  await installPackage(install, await packageExtension(data), extensionsFolder, data);
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  say('Starting the VS Code server …');
  const server = await startServer({
    install,
    dataFolder: data,
    settings,
    extensionsFolder,
    trust: 'off',
    builtins: 'all',
    testDriver: false,
    token,
    ...defined({ port }),
  });
  const query = new URLSearchParams({ tkn: token, workspace });
  return { server, address: `http://${server.host}/?${query.toString()}` };
}

async function packageExtension(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'intercore.vsix');
  const vsce = inProject('node_modules/@vscode/vsce/vsce');
  await run(process.execPath, [vsce, 'package', '--no-dependencies', '--out', file], {
    cwd: projectRoot(),
    what: 'The extension could not be packaged',
  });
  return file;
}
