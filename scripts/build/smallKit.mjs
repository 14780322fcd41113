/**
 * The kit of the Model Context Protocol takes schemas of zod 3 too, and checks what a client answers to questions of the
 * server. Ours are of zod 4, and `ic mcp` asks its client nothing.
 */
const UNUSED_IN_KIT = {
  'zod/v3': 'export const object = undefined;',
  'zod-to-json-schema': 'export const zodToJsonSchema = undefined;',
  '../validation/ajv-provider.js': 'export class AjvJsonSchemaValidator {}',
};

export const smallKit = {
  name: 'small-kit',
  setup({ onResolve, onLoad }) {
    const namespace = 'unused-in-kit';
    onResolve({ filter: /^zod\/v3$|^zod-to-json-schema$|\/ajv-provider\.js$/ }, ({ path: name, importer }) =>
      importer.includes('@modelcontextprotocol') ? { path: name, namespace, sideEffects: false } : undefined,
    );
    onLoad({ filter: /./, namespace }, ({ path: name }) => ({ contents: UNUSED_IN_KIT[name] }));
  },
};
