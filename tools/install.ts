/**
 * A real VS Code from npm packages alone: the server and its browser workbench. For machines where the desktop
 * application cannot be fetched or shown. Installed once into `.cache/`, about 300 MB.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from './command';
import { inCache, inProject, type Say } from './project';
import { prune } from './prune';

/** Pinned: selectors of the UI driver hold for this version. */
export const PINNED = { codeServer: '4.139.1', node: '24.21.0', watcher: '2.5.6' } as const;

export interface VsCodeServer {
  /** The Node that runs the server; the one that runs us may be too old for it. */
  readonly node: string;
  /** VS Code's own folder: `out/server-main.js`, `extensions/`, … */
  readonly app: string;
  /** The built-in extensions that tests need, as links: fewer of them make a start faster and quieter. */
  readonly leanBuiltins: string;
}

const LEAN_BUILTINS = [
  ...['theme-defaults', 'theme-seti', 'theme-modern-icons', 'git', 'git-base', 'json', 'json-language-features'],
  ...['configuration-editing', 'markdown-basics', 'markdown-language-features', 'typescript-basics', 'javascript'],
  ...['shellscript', 'yaml', 'xml', 'html', 'css', 'diff', 'log', 'ini', 'python', 'references-view', 'search-result'],
];

const NPM_FLAGS = ['--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1', '--fetch-retry-mintimeout=2000'];

/**
 * Returns the installed server, installing it first where it is missing (20 seconds, 200 MB to fetch). Safe to call
 * from several processes at once. Throws, within seconds, when the packages cannot be reached; nothing half-installed
 * is ever used.
 */
export async function ensureVsCodeServer(say: Say): Promise<VsCodeServer> {
  const folder = inCache(
    'vscode-server',
    `${PINNED.codeServer}-node${PINNED.node}-${process.platform}-${process.arch}`,
  );
  const server = layout(folder);
  if (existsSync(path.join(folder, 'complete'))) return server;
  if (process.platform === 'win32') throw new Error('The VS Code server has no Windows build on npm: install VS Code.');

  say(`Installing the VS Code server ${PINNED.codeServer} into .cache/ (once, about 200 MB to fetch) …`);
  const workplace = inCache('vscode-server', `installing-${process.pid}`);
  await rm(workplace, { recursive: true, force: true });
  try {
    await Promise.all([installNode(workplace), installServer(workplace)]);
    await installShims(layout(workplace).app);
    await prune(workplace, layout(workplace).app);
    await linkLeanBuiltins(workplace);
    await writeFile(path.join(workplace, 'complete'), `${JSON.stringify(PINNED)}\n`);
    await publish(workplace, folder);
  } finally {
    await rm(workplace, { recursive: true, force: true });
  }
  say('The VS Code server is installed.');
  return server;
}

function layout(folder: string): VsCodeServer {
  return {
    node: path.join(folder, 'node/node_modules/node/bin/node'),
    app: path.join(folder, 'server/node_modules/code-server/lib/vscode'),
    leanBuiltins: path.join(folder, 'lean-builtins'),
  };
}

async function npm(cwd: string, ...args: string[]): Promise<void> {
  await run('npm', [...args, ...NPM_FLAGS], { cwd, what: 'npm could not fetch the VS Code server' });
}

async function makePackageFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{"private":true}\n');
}

async function installNode(workplace: string): Promise<void> {
  const folder = path.join(workplace, 'node');
  await makePackageFolder(folder);
  await npm(folder, 'install', `node@${PINNED.node}`);
}

/** No install scripts: they compile. What they would have built is replaced by the shims. */
async function installServer(workplace: string): Promise<void> {
  const folder = path.join(workplace, 'server');
  const app = layout(workplace).app;
  await makePackageFolder(folder);
  await npm(folder, 'install', `code-server@${PINNED.codeServer}`, '--ignore-scripts', '--omit=optional');
  await npm(app, 'install', '--omit=dev', '--omit=optional', '--ignore-scripts');
  const libc = process.platform === 'linux' ? '-glibc' : '';
  const watcher = `@parcel/watcher-${process.platform}-${process.arch}${libc}@${PINNED.watcher}`;
  await npm(app, 'install', watcher, '--no-save', '--omit=dev', '--omit=optional', '--ignore-scripts');
}

async function installShims(app: string): Promise<void> {
  const shims = inProject('out/tools/shims');
  await copyFile(path.join(shims, 'spdlog.js'), path.join(app, 'node_modules/@vscode/spdlog/index.js'));
  await copyFile(path.join(shims, 'watchdog.js'), path.join(app, 'node_modules/@vscode/native-watchdog/index.js'));
}

async function linkLeanBuiltins(workplace: string): Promise<void> {
  const { app, leanBuiltins } = layout(workplace);
  await mkdir(leanBuiltins, { recursive: true });
  const present = new Set(await readdir(path.join(app, 'extensions')));
  for (const name of LEAN_BUILTINS.filter((builtin) => present.has(builtin))) {
    const target = path.relative(leanBuiltins, path.join(app, 'extensions', name));
    await symlink(target, path.join(leanBuiltins, name));
  }
}

/** Another process may have finished the same install first; then its copy is used. */
async function publish(workplace: string, folder: string): Promise<void> {
  try {
    await rename(workplace, folder);
  } catch (cause) {
    if (!existsSync(path.join(folder, 'complete'))) throw cause;
  }
}
