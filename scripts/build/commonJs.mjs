/**
 * Turns ECMAScript modules into what VS Code loads. What esbuild adds to each module for the general case is left out:
 * our modules export what never changes, and import from Node and VS Code only what is no ECMAScript module.
 */
import { transform } from 'esbuild';
import path from 'node:path';
import { refuseCircles } from './imports.mjs';
import { production, root } from './project.mjs';
import { programs } from './programs.mjs';

export const commonJs = {
  name: 'common-js',
  setup({ onEnd }) {
    onEnd(async ({ outputFiles, metafile }) => {
      refuseCircles(metafile.outputs);
      const stubs = Object.entries(metafile.outputs).filter(([, { entryPoint }]) => entryPoint?.startsWith('late:'));
      const stubFiles = new Set(stubs.map(([file]) => path.join(root, file)));
      await Promise.all(outputFiles.map((file) => turnToCommonJs(file, stubFiles.has(file.path))));
    });
  },
};

async function turnToCommonJs(file, isStub) {
  const { format, target, minify, legalComments, supported } = programs;
  // For Node there would be a list of all exports besides, for `import` of a module that every part of ours requires.
  const platform = 'neutral';
  const sourcemap = production ? false : 'inline';
  const settings = { format, platform, target, minify, legalComments, supported, sourcemap };
  const text = isStub ? withoutUnnamed(file.text) : file.text;
  const { code } = await transform(withPlainExports(withPlainImports(text)), {
    ...settings,
    sourcefile: path.basename(file.path),
  });
  file.contents = Buffer.from(code);
}

/**
 * A stub of a late module, which names what the module exports, without the other parts of its set: each part loads the
 * parts that it needs.
 *
 * @param {string} text
 */
const withoutUnnamed = (text) => text.replaceAll(/\bimport\s*"\.\/part-[^"]+";?/g, '');

/**
 * Modules as wholes, required without esbuild's copy of each: those of Node and VS Code are their own default, and no
 * default of a part is asked for.
 *
 * @param {string} text
 */
function withPlainImports(text) {
  const whole = /\bimport\s*(?:\*\s*as\s+)?([\w$]+)\s+from\s*"([^"]+)"/g;
  const plain = text.replaceAll(whole, (_, name, from) => {
    if (from !== 'vscode' && !from.startsWith('node:')) throw new Error(`A part imports all of ${from}.`);
    return `const ${name}=require("${from}")`;
  });
  return plain.replaceAll(/\bimport\(("\.\/part-[^"]+")\)/g, 'Promise.resolve().then(()=>require($1))');
}

/**
 * A part that assigns what it exports at its end, in place of the list: esbuild would add getters and five helpers.
 *
 * @param {string} text
 */
function withPlainExports(text) {
  const [statement, list] = /export\s*\{([^}]*)\};?/.exec(text.slice(text.lastIndexOf('export'))) ?? [];
  if (statement === undefined) return text;
  const fields = list
    .split(',')
    .map((entry) => entry.trim().split(/\s+as\s+/))
    .map(([local, name = local]) => `${name}:${local}`);
  // A function, because a short name may be `$$`, which a text would turn into `$`.
  return text.replace(statement, () => `module.exports={${fields.join()}};`);
}
