import { lateJsonSchemas, jsonSchemas } from './lateJsonSchemas.mjs';
import { LATE_PACKAGES, packageFile, latePackages } from './latePackages.mjs';
import { lazyBuiltins } from './lazyBuiltins.mjs';
import { madeLists } from './madeLists.mjs';
import { production, root, version } from './project.mjs';
import { smallKit } from './smallKit.mjs';

/**
 * Programs that ship whole: the `ic` command with its starter, the launcher between us and an agent, and the thread of
 * SQLite.
 */
export const programs = {
  absWorkingDir: root,
  bundle: true,
  entryPoints: {
    ic: 'src/cli/main.ts',
    'ic-program': 'src/cli/program.ts',
    launcher: 'src/host/launcher/launcher.ts',
    'storage-thread': 'src/host/native/thread.ts',
  },
  external: ['vscode'],
  format: 'cjs',
  // What a session host names to its agent.
  define: { 'process.env.INTERCORE_VERSION': JSON.stringify(version) },
  outdir: 'dist',
  platform: 'node',
  target: 'node20',
  minify: production,
  sourcemap: production ? false : 'linked',
  logLevel: 'warning',
  legalComments: 'none',
  // What Node would take of it imports in a way that cannot be bundled.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  plugins: [lazyBuiltins, latePackages, lateJsonSchemas, smallKit, madeLists],
  // `ic` is run from its code cache, which knows only require.
  supported: { 'dynamic-import': false },
};

/** What the programs load when they need it. */
export const packages = {
  ...programs,
  entryPoints: Object.fromEntries([...LATE_PACKAGES, 'zod-json-schema'].map((name) => [packageFile(name), name])),
  outdir: 'dist/packages',
  plugins: [jsonSchemas],
};

/** The scripts of webviews' pages, which run in VS Code's browser. */
export const pages = {
  absWorkingDir: root,
  bundle: true,
  entryPoints: {
    pages: 'src/webview/start/pages.ts',
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
