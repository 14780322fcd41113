/** The package as it ships: built for production in a folder of its own, whatever dist/ holds now. */
import { cp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../tools/command';
import { MOST_PACKED } from '../tools/packageBars';
import { inProject } from '../tools/project';
import { stageExtension } from '../tools/stagedExtension';
import { z } from 'zod';
import { printTable } from './statistics';

const BARS_BYTES: Readonly<Record<string, number>> = { 'intercore.vsix': MOST_PACKED };
const FILES = ['intercore.vsix', 'dist/ic-program.js', 'dist/launcher.js', 'dist/sql-wasm.wasm.br'];
const PACKED = ['.vscodeignore', 'README.md', 'CHANGELOG.md', 'LICENSE'];
const manifestSchema = z.looseObject({ scripts: z.unknown() });

/** Stages the extension with bundles for production below `parent` and returns its folder. */
export async function stageForProduction(parent: string): Promise<string> {
  const clone = path.join(parent, 'clone');
  for (const name of ['src', 'esbuild.mjs', 'scripts/build', 'package.json', 'tsconfig.json']) {
    await cp(inProject(name), path.join(clone, name), { recursive: true });
  }
  await symlink(inProject('node_modules'), path.join(clone, 'node_modules'), 'dir');
  await run(process.execPath, ['esbuild.mjs', '--production'], { cwd: clone, what: 'Could not build' });
  const staged = await stageExtension(path.join(parent, 'extension'));
  await rm(path.join(staged, 'dist'), { recursive: true });
  await cp(path.join(clone, 'dist'), path.join(staged, 'dist'), { recursive: true });
  await rm(clone, { recursive: true });
  return staged;
}

/** Packs the staged extension and prints what it weighs. */
export async function printPackage(staged: string): Promise<void> {
  for (const name of PACKED) await cp(inProject(name), path.join(staged, name));
  // Packing would build the project again.
  const manifest = manifestSchema.parse(JSON.parse(await readFile(inProject('package.json'), 'utf8')));
  await writeFile(path.join(staged, 'package.json'), JSON.stringify({ ...manifest, scripts: {} }));
  const vsce = inProject('node_modules/@vscode/vsce/vsce');
  const args = ['package', '--no-dependencies', '--out', 'intercore.vsix'];
  await run(process.execPath, [vsce, ...args], { cwd: staged, what: 'Could not pack' });
  const rows = await Promise.all(FILES.map(async (name) => row(name, (await stat(path.join(staged, name))).size)));
  await rm(path.join(staged, 'intercore.vsix'));
  console.log('Package, built for production');
  printTable(['file', 'kB', 'bar'], rows);
}

function row(name: string, bytes: number): string[] {
  const bar = BARS_BYTES[name];
  return [
    name,
    (bytes / 1000).toFixed(0),
    bar === undefined ? '–' : `${bytes <= bar ? 'met' : 'missed'} (${(bar / 1000).toFixed(0)})`,
  ];
}
