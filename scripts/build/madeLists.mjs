import { build } from 'esbuild';
import { createRequire } from 'node:module';

/** Lists that are made from tables which a program starts without: the list itself takes the place of its module. */
export const madeLists = {
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
