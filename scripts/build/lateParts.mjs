import { build } from 'esbuild';
import path from 'node:path';
import { everyImport } from './imports.mjs';
import { root } from './project.mjs';

/**
 * Puts the modules that are imported late into one part for each set of programs that may need them: each is imported by
 * a stub that reaches all of its set. Without it there is a part for each set of late modules that share something.
 *
 * @param {import('esbuild').BuildOptions} settings of the programs, with their entry points
 */
export const fewLateParts = (settings) => ({
  name: 'few-late-parts',
  setup({ onStart, onResolve, onLoad }) {
    const namespace = 'late';
    /** @type {Map<string, string>} the set of each late module */
    let late = new Map();
    onStart(async () => {
      late = await findLateModules(settings);
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
});

/** Modules of ours that are imported late, each with the programs that reach it. */
async function findLateModules(settings) {
  const { metafile } = await build({ ...settings, metafile: true, write: false, logLevel: 'silent' });
  const { inputs } = metafile;
  const reached = Object.entries(settings.entryPoints).map(([name, entry]) => [name, everyImport(entry, inputs)]);
  const imports = Object.values(inputs).flatMap((input) => input.imports);
  const own = imports.filter(({ path: file, kind }) => kind === 'dynamic-import' && file.startsWith('src/'));
  return new Map(
    own.map(({ path: file }) => {
      const users = reached.filter(([, files]) => files.has(file)).map(([name]) => name);
      return [path.join(root, file), `late:${users.join('+')}`];
    }),
  );
}
