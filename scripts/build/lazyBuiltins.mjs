import { createRequire } from 'node:module';

/**
 * Lets parts of Node that take long to load, and that many calls of `ic` never use, be loaded at their first use: each
 * of their names becomes a getter.
 */
export const lazyBuiltins = {
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
