import { build } from 'esbuild';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { root } from './project.mjs';

/** Transforms every source and test file one by one, into out/. */
export async function buildTests() {
  const entryPoints = (await Promise.all(['src', 'test', 'bench', 'scripts', 'tools'].map(sourcesBelow))).flat();
  await rm(path.join(root, 'out'), { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints,
    outbase: root,
    outdir: 'out',
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    loader: { '.json': 'copy' },
    logLevel: 'warning',
  });
}

async function sourcesBelow(folder) {
  const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((e) => e.isFile() && /\.m?ts$|^failures\.json$/.test(e.name))
    .map((e) => path.join(e.parentPath, e.name));
}
