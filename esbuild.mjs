// Bundles what ships (dist/) or, with --tests, transforms every source and test file one by one (out/).
// With --production it is minified, with --sizes only weighed.
import { build, context, transform } from 'esbuild';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(fileURLToPath(import.meta.url));
const args = new Set(process.argv.slice(2));
const production = args.has('--production');

/**
 * Lets parts of Node that take long to load, and that many calls of `ic` never use, be loaded at their first use: each
 * of their names becomes a getter.
 */
const lazyBuiltins = {
  name: 'lazy-builtins',
  setup({ onResolve, onLoad }) {
    const require = createRequire(import.meta.url);
    const namespace = 'lazy-builtin';
    onResolve({ filter: /^node:(crypto|child_process)$/ }, ({ path: name, namespace: from }) =>
      from === namespace ? { path: name, external: true } : { path: name, namespace },
    );
    onLoad({ filter: /./, namespace }, ({ path: name }) => {
      const getters = Object.keys(require(name)).map((key) => `get ${key}() { return require('${name}').${key}; }`);
      return { contents: `module.exports = { ${getters.join(', ')} };` };
    });
  },
};

/** Packages that the programs import only when they are needed: each ships once, in a file of its own. */
const LATE_PACKAGES = ['simple-git', '@octokit/request'];

/** @param {string} name of a package @returns the name of its file, without its ending */
const packageFile = (name) => name.replace(/^@/, '').replaceAll('/', '-');

const latePackages = {
  name: 'late-packages',
  setup({ onResolve }) {
    onResolve({ filter: /^@?[a-z][a-z/-]*$/, namespace: 'file' }, ({ path: name, kind }) =>
      LATE_PACKAGES.includes(name) && kind === 'dynamic-import'
        ? { path: `./packages/${packageFile(name)}.js`, external: true }
        : undefined,
    );
  },
};

/** The programs that ship beside the extension: the `ic` command with its starter, and the launcher that stands between us and an agent. */
const programs = {
  absWorkingDir: root,
  bundle: true,
  entryPoints: {
    ic: 'src/cli/main.ts',
    'ic-program': 'src/cli/program.ts',
    'ic-mcp': 'src/cli/mcp/serve.ts',
    launcher: 'src/host/launcher.ts',
  },
  external: ['vscode'],
  format: 'cjs',
  outdir: 'dist',
  platform: 'node',
  target: 'node20',
  minify: production,
  sourcemap: production ? false : 'linked',
  logLevel: 'warning',
  legalComments: 'none',
  plugins: [lazyBuiltins, latePackages],
  // `ic` is run from its code cache, which knows only require.
  supported: { 'dynamic-import': false },
};

/**
 * The extension in parts: what a window starts with, and what is loaded when it is asked for. esbuild splits ECMAScript
 * modules only, so each of them is then turned into what VS Code loads.
 *
 * @param {boolean} write
 */
const extension = (write) => ({
  ...programs,
  entryPoints: { extension: 'src/extension.ts' },
  format: 'esm',
  splitting: true,
  chunkNames: 'extension-[name]-[hash]',
  sourcemap: production ? false : 'inline',
  write: false,
  plugins: [
    ...programs.plugins,
    {
      name: 'common-js',
      setup({ onEnd }) {
        onEnd(async ({ outputFiles }) => {
          await Promise.all(outputFiles.map((file) => turnToCommonJs(file, write)));
        });
      },
    },
  ],
});

async function turnToCommonJs(file, write) {
  const { format, platform, target, minify, legalComments, supported } = programs;
  const sourcemap = production ? false : 'inline';
  const settings = { format, platform, target, minify, legalComments, supported, sourcemap };
  const { code } = await transform(file.text, { ...settings, sourcefile: path.basename(file.path) });
  file.contents = Buffer.from(code);
  if (!write) return;
  await mkdir(path.dirname(file.path), { recursive: true });
  await writeFile(file.path, code);
}

const packages = {
  ...programs,
  entryPoints: Object.fromEntries(LATE_PACKAGES.map((name) => [packageFile(name), name])),
  outdir: 'dist/packages',
  plugins: [],
};

/** The scripts of webviews' pages, which run in VS Code's browser. */
const pages = {
  absWorkingDir: root,
  bundle: true,
  entryPoints: {
    graph: 'src/webview/graph/graph.ts',
    timeline: 'src/webview/timeline/timeline.ts',
    board: 'src/webview/board/board.tsx',
  },
  format: 'iife',
  outdir: 'dist/webview',
  platform: 'browser',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  target: 'es2022',
  minify: production,
  sourcemap: production ? false : 'linked',
  logLevel: 'warning',
  legalComments: 'none',
};

async function copyWasm(folder) {
  await mkdir(path.join(root, folder), { recursive: true });
  await cp(path.join(root, 'node_modules/sql.js/dist/sql-wasm.wasm'), path.join(root, folder, 'sql-wasm.wasm'));
}

async function sourcesBelow(folder) {
  const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((e) => e.isFile() && /\.m?ts$/.test(e.name)).map((e) => path.join(e.parentPath, e.name));
}

async function buildTests() {
  const entryPoints = (await Promise.all(['src', 'test', 'bench', 'scripts'].map(sourcesBelow))).flat();
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
    logLevel: 'warning',
  });
}

async function buildShipped() {
  await rm(path.join(root, 'dist'), { recursive: true, force: true });
  await copyWasm('dist');
  await Promise.all([extension(true), programs, packages, pages].map((part) => build(part)));
}

/** What each program weighs once it is minified, in bytes, as JSON. Writes nothing. */
async function printSizes() {
  const made = await Promise.all(
    [extension(false), programs, packages, pages].map((part) => build({ ...part, write: false })),
  );
  const files = made.flatMap(({ outputFiles }) => outputFiles);
  const sizes = files.map(({ path: file, contents }) => [path.relative(root, file), contents.byteLength]);
  console.log(JSON.stringify(Object.fromEntries(sizes)));
}

if (args.has('--sizes')) {
  await printSizes();
} else if (args.has('--tests')) {
  await Promise.all([buildShipped(), buildTests()]);
} else if (args.has('--watch')) {
  await copyWasm('dist');
  for (const part of [extension(true), programs, packages, pages]) {
    await (await context({ ...part, logLevel: 'info' })).watch();
  }
} else {
  await buildShipped();
}
