import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inProject } from '../../../tools/project';

/** Loads the module in the arguments with an editor that does nothing, and prints the packages that came with it. */
const LOADING = `
  const { Module } = require('node:module');
  const anything = new Proxy(function () {}, {
    get: (target, key) => (key === 'prototype' ? target.prototype : key === Symbol.toPrimitive ? () => '' : anything),
    apply: () => anything,
    construct: () => ({}),
  });
  // What an import of a CommonJS module keeps is its prototype.
  const editor = Object.create(anything);
  const load = Module._load;
  Module._load = (name, ...rest) => (name === 'vscode' ? editor : load(name, ...rest));
  require(process.argv[1]);
  const packages = Object.keys(require.cache).flatMap((file) => {
    const [, name] = /node_modules[\\\\/]((?:@[^\\\\/]+[\\\\/])?[^\\\\/]+)/.exec(file) ?? [];
    return name === undefined ? [] : [name];
  });
  console.log(JSON.stringify([...new Set(packages)].sort()));
`;

describe('starting the extension', () => {
  it('loads no package that only some windows need', async function () {
    this.timeout(60_000);
    const extension = inProject('out/src/extension.js');
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', LOADING, extension]);
    assert.deepEqual(JSON.parse(stdout), ['zod']);
  });
});
