// Bundles what ships (dist/) or, with --tests, transforms every source and test file one by one (out/).
// With --production it is minified; with --sizes it is only weighed, with --package-files only asked for its packages.
import { build, context, transform } from 'esbuild';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, deflateRawSync } from 'node:zlib';

const root = path.dirname(fileURLToPath(import.meta.url));
const { version } = createRequire(import.meta.url)('./package.json');
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
      const keys = JSON.stringify(Object.keys(require(name)).join(' '));
      const getter = `{ enumerable: true, get: () => require('${name}')[key] }`;
      return { contents: `for (const key of ${keys}.split(' ')) Object.defineProperty(exports, key, ${getter});` };
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

/**
 * The part of zod that makes JSON schemas: a window's start and most calls of `ic` never need it, and every schema names
 * it. Its replacement loads it, from a file of its own, at the first call.
 */
const JSON_SCHEMA_MODULES = ['to-json-schema', 'json-schema-processors'].map((name) =>
  path.join(root, 'node_modules/zod/v4/core', `${name}.js`),
);

const lateJsonSchemas = {
  name: 'late-json-schemas',
  setup({ onResolve, onLoad }) {
    const namespace = 'late-json-schema';
    onResolve({ filter: /\/(to-json-schema|json-schema-processors)\.js$/ }, ({ path: name, resolveDir, importer }) => {
      const file = path.join(resolveDir, name);
      // The older generator, which is not used, takes more than functions.
      const isOfUse = JSON_SCHEMA_MODULES.includes(file) && !importer.endsWith('json-schema-generator.js');
      return isOfUse ? { path: file, namespace, sideEffects: false } : undefined;
    });
    onResolve({ filter: /./, namespace }, ({ path: file }) => ({ path: file, external: true }));
    onLoad({ filter: /./, namespace }, async ({ path: file }) => {
      const functions = Object.entries(await import(file)).filter(([, value]) => typeof value === 'function');
      const stubs = functions.map(([name]) => {
        const real = `require('./packages/zod-json-schema.js').${name}`;
        // A method is made with each schema, and called for hardly any.
        const isMaker = /^create\w+Method$/.test(name);
        const stub = isMaker ? `(...of) => (...args) => ${real}(...of)(...args)` : `(...args) => ${real}(...args)`;
        return `const _${name} = ${stub}; export { _${name} as ${name} };`;
      });
      return { contents: stubs.join('\n') };
    });
  },
};

/** Lists that are made from tables which a program starts without: the list itself takes the place of its module. */
const madeLists = {
  name: 'made-lists',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]contract[\\/]surfaces[\\/]names\.ts$/ }, async ({ path: file }) => {
      const settings = { bundle: true, entryPoints: [file], format: 'cjs', platform: 'node', write: false };
      const { outputFiles } = await build(settings);
      const module = { exports: {} };
      new Function('module', 'require', outputFiles[0].text)(module, createRequire(import.meta.url));
      const lists = Object.entries(module.exports);
      return { contents: lists.map(([name, list]) => `export const ${name} = ${JSON.stringify(list)};`).join('\n') };
    });
  },
};

/**
 * The kit of the Model Context Protocol takes schemas of zod 3 too, and checks what a client answers to questions of the
 * server. Ours are of zod 4, and `ic mcp` asks its client nothing.
 */
const UNUSED_IN_KIT = {
  'zod/v3': 'export const object = undefined;',
  'zod-to-json-schema': 'export const zodToJsonSchema = undefined;',
  '../validation/ajv-provider.js': 'export class AjvJsonSchemaValidator {}',
};

const smallKit = {
  name: 'small-kit',
  setup({ onResolve, onLoad }) {
    const namespace = 'unused-in-kit';
    onResolve({ filter: /^zod\/v3$|^zod-to-json-schema$|\/ajv-provider\.js$/ }, ({ path: name, importer }) =>
      importer.includes('@modelcontextprotocol') ? { path: name, namespace, sideEffects: false } : undefined,
    );
    onLoad({ filter: /./, namespace }, ({ path: name }) => ({ contents: UNUSED_IN_KIT[name] }));
  },
};

/** What the stubs of JSON schemas stand for. */
const jsonSchemas = {
  name: 'json-schemas',
  setup({ onResolve, onLoad }) {
    const namespace = 'json-schemas';
    onResolve({ filter: /^zod-json-schema$/ }, ({ path: name }) => ({ path: name, namespace }));
    onLoad({ filter: /./, namespace }, () => ({
      contents: JSON_SCHEMA_MODULES.map((file) => `export * from ${JSON.stringify(file)};`).join('\n'),
      resolveDir: root,
    }));
  },
};

/**
 * Programs that ship whole: the `ic` command with its starter, the launcher between us and an agent, and the thread of
 * SQLite.
 */
const programs = {
  absWorkingDir: root,
  bundle: true,
  entryPoints: {
    ic: 'src/cli/main.ts',
    'ic-program': 'src/cli/program.ts',
    launcher: 'src/host/launcher/launcher.ts',
    'storage-thread': 'src/host/native/thread.ts',
  },
  external: ['vscode'],
  // What its main file loads cannot be bundled.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
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

const PARTED = {
  extension: 'src/extension.ts',
  'ic-mcp': 'src/cli/mcp/serve.ts',
  'ic-lead': 'src/cli/lead/lead.ts',
  'session-host': 'src/host/session/sessionHost.ts',
  inspector: 'src/host/image/inspector.ts',
};

/**
 * The extension, `ic mcp`, the leader, the session host, and the thread that checks a new database, in parts: what they share, what a
 * window starts with, and what is loaded when it is asked for. esbuild splits ECMAScript modules only, so each of them
 * is then turned into what VS Code loads.
 *
 * @param {boolean} write
 */
const parted = (write) => ({
  ...programs,
  entryPoints: PARTED,
  format: 'esm',
  splitting: true,
  chunkNames: 'part-[name]-[hash]',
  sourcemap: production ? false : 'inline',
  metafile: true,
  write: false,
  plugins: [...programs.plugins, fewLateParts, commonJs(write)],
});

/**
 * Puts the modules that are imported late into one part for each set of programs that may need them: each is imported by
 * a stub that reaches all of its set. Without it there is a part for each set of late modules that share something.
 */
const fewLateParts = {
  name: 'few-late-parts',
  setup({ onStart, onResolve, onLoad }) {
    const namespace = 'late';
    /** @type {Map<string, string>} the set of each late module */
    let late = new Map();
    onStart(async () => {
      late = await findLateModules();
    });
    onResolve({ filter: /^\./ }, ({ path: name, kind, resolveDir }) => {
      const file = path.join(resolveDir, name.replace(/\.js$/, '.ts'));
      return kind === 'dynamic-import' && late.has(file) ? { path: file, namespace } : undefined;
    });
    onResolve({ filter: /^late:/ }, ({ path: set }) => ({ path: set, namespace }));
    onLoad({ filter: /^late:/, namespace }, ({ path: set }) => {
      const together = [...late.keys()].filter((file) => late.get(file) === set);
      return { contents: together.map((file) => `import ${JSON.stringify(file)};`).join('\n'), resolveDir: root };
    });
    onLoad({ filter: /./, namespace }, ({ path: file }) => {
      return { contents: `export * from ${JSON.stringify(file)}; import '${late.get(file)}';`, resolveDir: root };
    });
  },
};

/** Modules of ours that are imported late, each with the programs that reach it. */
async function findLateModules() {
  const settings = { ...programs, entryPoints: PARTED, metafile: true, write: false };
  const { inputs } = (await build({ ...settings, logLevel: 'silent' })).metafile;
  const reached = Object.entries(PARTED).map(([name, entry]) => [name, everyImport(entry, inputs)]);
  const imports = Object.values(inputs).flatMap((input) => input.imports);
  const own = imports.filter(({ path: file, kind }) => kind === 'dynamic-import' && file.startsWith('src/'));
  return new Map(
    own.map(({ path: file }) => {
      const users = reached.filter(([, files]) => files.has(file)).map(([name]) => name);
      return [path.join(root, file), `late:${users.join('+')}`];
    }),
  );
}

/** A file with all that it imports, at once or late, and what they import. */
function everyImport(file, files, isWanted = () => true, known = new Set()) {
  known.add(file);
  for (const next of files[file].imports) {
    if (next.path in files && !known.has(next.path) && isWanted(next)) everyImport(next.path, files, isWanted, known);
  }
  return known;
}

/** @param {boolean} write */
const commonJs = (write) => ({
  name: 'common-js',
  setup({ onEnd }) {
    onEnd(async ({ outputFiles, metafile }) => {
      refuseCircles(metafile.outputs);
      const stubs = Object.entries(metafile.outputs).filter(([, { entryPoint }]) => entryPoint?.startsWith('late:'));
      const stubFiles = new Set(stubs.map(([file]) => path.join(root, file)));
      for (const file of outputFiles) {
        if (stubFiles.has(file.path)) file.contents = Buffer.from(withoutUnnamed(file.text));
      }
      await Promise.all(outputFiles.map((file) => turnToCommonJs(file, write)));
    });
  },
});

/** What a part exports is there once it has loaded what it imports, so no part may import itself through others. */
function refuseCircles(parts) {
  const next = (file) => parts[file].imports.filter(({ kind, path: to }) => kind === 'import-statement' && to in parts);
  const reaches = (file, target, known = new Set()) =>
    next(file).some(({ path: to }) => to === target || (!known.has(to) && reaches(to, target, known.add(to))));
  const circular = Object.keys(parts).filter((file) => reaches(file, file));
  if (circular.length > 0) throw new Error(`Parts import each other in a circle: ${circular.join(', ')}`);
}

/**
 * A stub of a late module, which names what the module exports, without the other parts of its set: each part loads the
 * parts that it needs.
 *
 * @param {string} text
 */
const withoutUnnamed = (text) => text.replaceAll(/\bimport\s*"\.\/part-[^"]+";?/g, '');

/**
 * A part with getters of what it exports in place of the list: esbuild would add five helpers to each part.
 *
 * @param {string} text
 */
function withGetters(text) {
  const [statement, list] = /export\s*\{([^}]*)\};?/.exec(text.slice(text.lastIndexOf('export'))) ?? [];
  if (statement === undefined) return text;
  const getters = list
    .split(',')
    .map((entry) => entry.trim().split(/\s+as\s+/))
    .map(([local, name = local]) => `${name}:()=>${local}`);
  const define = 'o=>{for(const k in o)Object.defineProperty(exports,k,{get:o[k],enumerable:true})}';
  return `(${define})({${getters.join()}});${text.replace(statement, '')}`;
}

async function turnToCommonJs(file, write) {
  const { format, target, minify, legalComments, supported } = programs;
  // For Node there would be a list of all exports besides, for `import` of a module that every part of ours requires.
  const platform = 'neutral';
  const sourcemap = production ? false : 'inline';
  const settings = { format, platform, target, minify, legalComments, supported, sourcemap };
  const { code } = await transform(withGetters(file.text), { ...settings, sourcefile: path.basename(file.path) });
  file.contents = Buffer.from(code);
  if (!write) return;
  await mkdir(path.dirname(file.path), { recursive: true });
  await writeFile(file.path, code);
}

const packages = {
  ...programs,
  entryPoints: Object.fromEntries([...LATE_PACKAGES, 'zod-json-schema'].map((name) => [packageFile(name), name])),
  outdir: 'dist/packages',
  plugins: [jsonSchemas],
};

/** The scripts of webviews' pages, which run in VS Code's browser. */
const pages = {
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

const WASM = 'node_modules/sql.js/dist/sql-wasm.wasm';

/** SQLite, as `src/host/wasm/sqliteWasm.ts` reads it. */
async function packWasm(folder) {
  await mkdir(path.join(root, folder), { recursive: true });
  const packed = await promisify(brotliCompress)(await readFile(path.join(root, WASM)));
  await writeFile(path.join(root, folder, 'sql-wasm.wasm.br'), packed);
}

async function sourcesBelow(folder) {
  const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((e) => e.isFile() && /\.m?ts$|^failures\.json$/.test(e.name))
    .map((e) => path.join(e.parentPath, e.name));
}

async function buildTests() {
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

/** Without a manifest next to it, Node reads that of the extension to learn what kind of module a program is: 150 KB. */
async function writeManifest() {
  await writeFile(path.join(root, 'dist/package.json'), '{"type":"commonjs"}');
}

async function buildShipped() {
  await rm(path.join(root, 'dist'), { recursive: true, force: true });
  await mkdir(path.join(root, 'dist'));
  await writeManifest();
  await Promise.all([packWasm('dist'), ...[parted(true), programs, packages, pages].map((part) => build(part))]);
}

/**
 * What each file weighs once it is minified, in bytes, as JSON; also all that a window loads when it starts, and all files
 * compressed, and which programs are not ASCII. Writes nothing.
 */
async function printSizes() {
  const made = await Promise.all(
    [parted(false), programs, packages, pages].map((part) => build({ ...part, write: false })),
  );
  const files = made.flatMap(({ outputFiles }) => outputFiles);
  const sizes = Object.fromEntries(
    files.map(({ path: file, contents }) => [path.relative(root, file), contents.byteLength]),
  );
  const [{ metafile }] = made;
  const isAtOnce = ({ kind }) => kind === 'import-statement';
  const started = [...everyImport('dist/extension.js', metafile.outputs, isAtOnce)].reduce(
    (sum, file) => sum + sizes[file],
    0,
  );
  const packed = files.reduce((sum, { contents }) => sum + deflateRawSync(contents).byteLength, 0);
  // V8 keeps the source of such a program in twice the memory, and takes longer to start it.
  const beyondAscii = files.flatMap(({ path: file, text }) => {
    const found = file.includes('webview') ? null : /.{0,40}[^\x00-\x7f].{0,40}/.exec(text);
    return found === null ? [] : [`${path.relative(root, file)}: ${found[0]}`];
  });
  console.log(JSON.stringify({ started, packed, sizes, beyondAscii }));
}

/** The files of packages that get into what ships, as JSON. Writes nothing. */
async function printPackageFiles() {
  const made = await Promise.all(
    [parted(false), programs, packages, pages].map((part) => build({ ...part, metafile: true, write: false })),
  );
  const outputs = made.flatMap(({ metafile }) => Object.values(metafile.outputs));
  const files = outputs.flatMap(({ inputs }) => Object.keys(inputs).filter((file) => inputs[file].bytesInOutput > 0));
  const bundled = files.filter((file) => file.startsWith('node_modules/'));
  console.log(JSON.stringify([...new Set([...bundled, WASM])].sort()));
}

if (args.has('--sizes')) {
  await printSizes();
} else if (args.has('--package-files')) {
  await printPackageFiles();
} else if (args.has('--tests')) {
  await Promise.all([buildShipped(), buildTests()]);
} else if (args.has('--watch')) {
  await packWasm('dist');
  await writeManifest();
  for (const part of [parted(true), programs, packages, pages]) {
    await (await context({ ...part, logLevel: 'info' })).watch();
  }
} else {
  await buildShipped();
}
