/** Loads the bundle named in the arguments once, with an editor that does nothing. Needs the editor's own Node. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import vm from 'node:vm';
import { answer } from './child';

/** What VS Code's host and other extensions have loaded before us. */
const LOADED = ['crypto', 'fs/promises', 'child_process', 'path', 'os', 'timers/promises', 'util', 'url'];

interface Times {
  readonly wallMs: number;
  /** Of this thread alone: what is left of the time on a machine that others use. */
  readonly cpuMs: number;
}

interface Loader {
  _load(request: string, ...rest: readonly unknown[]): unknown;
}

/** Any property of it is itself, and it can be called and constructed. */
function emptyEditor(): object {
  // A proxy can be called and constructed only where its target can.
  const nothing = function (): void {};
  const anything: unknown = new Proxy(nothing, {
    get: (target, key) =>
      key === 'prototype' ? (target.prototype as unknown) : key === Symbol.toPrimitive ? () => '' : anything,
    apply: () => anything,
    construct: () => ({}),
  });
  return Object.create(anything as object) as object;
}

function cpuMs(): number {
  const { threadCpuUsage } = process as { threadCpuUsage?: () => NodeJS.CpuUsage };
  const { user, system } = threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1000;
}

function timed(work: () => unknown): Times {
  const [wall, cpu] = [performance.now(), cpuMs()];
  work();
  return { wallMs: performance.now() - wall, cpuMs: cpuMs() - cpu };
}

const bundle = process.argv[2] ?? '';
const load = createRequire(bundle);
const loader = load('node:module') as Loader;
const original = loader._load.bind(loader);
const editor = emptyEditor();
loader._load = (request, ...rest) => (request === 'vscode' ? editor : original(request, ...rest));
for (const name of LOADED) load(`node:${name}`);
const source = readFileSync(bundle, 'utf8');
// Under another name, so that loading compiles again instead of finding this.
const parse = timed(() => new vm.Script(source, { filename: `${bundle}.parsed` }));
answer({ parse, load: timed(() => load(bundle)) });
