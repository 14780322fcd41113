/** Removes from an installed VS Code server what no run here uses: 800 MB become 300. */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';

const UNUSED_MODULES = [
  ...['@github', '@devcontainers', '@microsoft/mxc-sdk', '@parcel/watcher-linux-x64-musl', '@vscode/spdlog/deps'],
  ...['windows-process-tree', 'windows-registry', 'sqlite3', 'sandbox-runtime', 'copilot-api'].map(
    (m) => `@vscode/${m}`,
  ),
  'node-pty/third_party',
];

const UNUSED_EXTENSIONS = [
  ...['copilot', 'mermaid-markdown-features', 'microsoft-authentication', 'ms-vscode.js-debug'],
  ...['ms-vscode.js-debug-companion', 'ms-vscode.vscode-js-profile-table'],
];

/** Files for other platforms than this one are removed with the rest. Absent ones are not an error. */
export async function prune(workplace: string, app: string): Promise<void> {
  const here = `${process.platform}-${process.arch}`;
  const modules = path.join(app, 'node_modules');
  const nodeFiles = path.join(workplace, 'node/node_modules/node/node_modules', `node-${here}`);
  await removeAll(nodeFiles, ['include', 'share', 'CHANGELOG.md']);
  await removeAll(modules, UNUSED_MODULES);
  await removeAll(path.join(app, 'extensions'), UNUSED_EXTENSIONS);
  await removeOthers(path.join(modules, 'node-pty/prebuilds'), here);
  await removeOthers(path.join(modules, '@vscode/ripgrep-universal/bin'), here);
  await removeMaps(modules);
}

async function removeAll(folder: string, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => rm(path.join(folder, name), { recursive: true, force: true })));
}

/** Keeps `folder/kept` only; where that does not exist the folder is left whole. */
async function removeOthers(folder: string, kept: string): Promise<void> {
  const names = await readdir(folder);
  if (!names.includes(kept)) return;
  await removeAll(
    folder,
    names.filter((name) => name !== kept),
  );
}

async function removeMaps(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const maps = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.map'));
  await Promise.all(maps.map((entry) => rm(path.join(entry.parentPath, entry.name))));
}
