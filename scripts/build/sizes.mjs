/** What ships, weighed and listed. Writes nothing. */
import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { everyImport, isAtOnce } from './imports.mjs';
import { root } from './project.mjs';
import { shipped, WASM } from './shipped.mjs';

const weigh = () => Promise.all(shipped.map((part) => build({ ...part, metafile: true })));

/**
 * What each file weighs once it is minified, in bytes, as JSON; also all that a window loads when it starts, and all files
 * compressed, which programs are not ASCII, and which files of packages export variables.
 */
export async function printSizes() {
  const made = await weigh();
  const files = made.flatMap(({ outputFiles }) => outputFiles);
  const sizes = Object.fromEntries(
    files.map(({ path: file, contents }) => [path.relative(root, file), contents.byteLength]),
  );
  const [{ metafile }] = made;
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
  // Parts export values (`commonJs.mjs`). What the compiler makes of an enum is complete when its module was loaded.
  const variables = await Promise.all(
    bundledFiles(made).map(async (file) => {
      const found = /^export (let\b|var (?!(\w+);\s*\(function \(\2\)).*)/m.exec(
        await readFile(path.join(root, file), 'utf8'),
      );
      return found === null ? [] : [`${file}: ${found[0]}`];
    }),
  );
  console.log(JSON.stringify({ started, packed, sizes, beyondAscii, variables: variables.flat() }));
}

/** The files of packages that get into what ships, as JSON. */
export async function printPackageFiles() {
  console.log(JSON.stringify([...bundledFiles(await weigh()), WASM].sort()));
}

function bundledFiles(made) {
  const outputs = made.flatMap(({ metafile }) => Object.values(metafile.outputs));
  const files = outputs.flatMap(({ inputs }) => Object.keys(inputs).filter((file) => inputs[file].bytesInOutput > 0));
  return [...new Set(files.filter((file) => file.startsWith('node_modules/')))];
}
