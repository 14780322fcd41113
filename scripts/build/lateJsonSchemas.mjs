import path from 'node:path';
import { root } from './project.mjs';

/**
 * The part of zod that makes JSON schemas: a window's start and most calls of `ic` never need it, and every schema names
 * it. Its replacement loads it, from a file of its own, at the first call.
 */
const JSON_SCHEMA_MODULES = ['to-json-schema', 'json-schema-processors'].map((name) =>
  path.join(root, 'node_modules/zod/v4/core', `${name}.js`),
);

export const lateJsonSchemas = {
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

/** What the stubs of JSON schemas stand for. */
export const jsonSchemas = {
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
