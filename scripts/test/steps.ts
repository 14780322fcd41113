/** The steps of a test run, in order. */
import { runAndShow } from '../../tools/command';
import { ensureBrowser } from '../../tools/browser';
import { ensureSqlite3 } from '../../tools/debian';
import { isLong } from '../../test/support/long';
import type { Selection } from '../../test/support/vscode/extensionTests';
import { newerNode } from '../../test/support/records/newerNode';
import { ensureVsCodeServer } from '../../tools/install';
import { inProject, projectRoot } from '../../tools/project';
import { partsInsideVsCode } from './insideVsCode';
import type { Part } from './lanes';
import { mochaParts, type Running } from './mocha';

export interface Step {
  readonly name: string;
  readonly title: string;
  /** What it is made of, once what it needs is there: none where nothing of it is chosen. */
  parts(selection: Selection): Promise<readonly Part[]>;
}

const NODE_TIMEOUT_MS = 20_000;
const UI_TIMEOUT_MS = 120_000;
const say = (line: string): void => console.log(line);

/** A program of node_modules that finds fault or does not. */
function check(name: string, title: string, script: string, ...args: string[]): Step {
  const command = [inProject('node_modules', script), ...args];
  const part: Part = {
    title,
    run: async (show) => {
      const isGood = (await runAndShow(process.execPath, command, { cwd: projectRoot() }, show)) === 0;
      if (isGood) show('good\n');
      return { kind: 'checked', isGood };
    },
  };
  return { name, title, parts: () => Promise.resolve([part]) };
}

interface PlainOptions extends Pick<Running, 'apart'> {
  readonly besideOthers?: boolean;
}

/**
 * Tests that need nothing but Node. The few that compare with the sqlite3 program, or need a Node that has SQLite, are
 * left out without it. `besideOthers`: over real processes and programs of others. `apart`: each file by its own.
 */
function plain(name: string, title: string, { besideOthers = false, apart = false }: PlainOptions = {}): Step {
  const parts = async (selection: Selection): Promise<readonly Part[]> => {
    // A run of few tests is not to wait for a download.
    const isWhole = selection.file === undefined && selection.grep === undefined;
    const needed = [ensureSqlite3(say), ...(besideOthers && isWhole ? [ensureVsCodeServer(say)] : [])];
    for (const outcome of await Promise.allSettled(needed)) {
      if (outcome.status === 'rejected') say(String(outcome.reason));
    }
    const running = { name, timeoutMs: NODE_TIMEOUT_MS, apart: apart || besideOthers };
    return mochaParts(name, selection, running);
  };
  return { name, title, parts };
}

const CHECKS: readonly Step[] = [
  check('lint', 'Types and lint', 'oxlint/bin/oxlint', '-c', 'oxlint.config.mjs'),
  check('format', 'Format', 'oxfmt/bin/oxfmt', '--check'),
];

const PLAIN: readonly Step[] = [
  plain('kernel', 'Kernel tests'),
  plain('host', 'Host tests', { apart: true }),
  plain('services', 'Service tests', { besideOthers: true }),
  plain('views', 'View tests'),
  plain('cli', 'Command line tests', { besideOthers: true }),
  plain('contract', 'Contract tests'),
  plain('security', 'Tests of hostile folders', { besideOthers: true }),
];

/**
 * What writes records, again on a Node that has SQLite, so that both adapters pass the same tests; what is killed in the
 * long run only. The VS Code of the tests brings that Node.
 */
const NATIVE: Step = {
  name: 'native',
  title: 'Storage tests, on a Node with SQLite',
  parts: async (selection) => {
    await ensureVsCodeServer(say);
    const node = await newerNode();
    if (node === undefined) throw new Error('The VS Code of the tests brings no Node with SQLite.');
    const only = isLong() ? /^(kernels|durability|creationKilled|relayKilled)/ : /^kernels/;
    const running = { name: 'native', timeoutMs: NODE_TIMEOUT_MS, apart: true, node, only };
    return mochaParts('services', selection, running);
  },
};

function insideVsCode(forceServer: boolean): Step {
  const parts = (selection: Selection): Promise<readonly Part[]> => partsInsideVsCode(selection, forceServer, say);
  return { name: 'extension', title: 'Extension tests, inside VS Code', parts };
}

const UI: Step = {
  name: 'ui',
  title: 'UI tests, in the workbench',
  parts: async (selection) => {
    await ensureVsCodeServer(say);
    await ensureBrowser(say);
    await ensureSqlite3(say);
    // Tests of a page alone show it in a browser, without a window of VS Code.
    const apart = { apart: true, windows: /^(?!.*Page\.test\.js$)/, secondTry: true };
    return mochaParts('ui', selection, { name: 'ui', timeoutMs: UI_TIMEOUT_MS, ...apart, keepsWindows: true });
  },
};

/**
 * The named steps in their order; all of them when none is named. `node` names every step that needs nothing but
 * Node. Throws for an unknown name.
 */
export function chooseSteps(names: readonly string[], forceServer: boolean): readonly Step[] {
  const all = [...CHECKS, ...PLAIN, NATIVE, insideVsCode(forceServer), UI];
  const wanted = new Set(names.flatMap((name) => (name === 'node' ? PLAIN.map((step) => step.name) : [name])));
  const unknown = [...wanted].filter((name) => !all.some((step) => step.name === name));
  if (unknown.length > 0) {
    const known = [...all.map((step) => step.name), 'node'].join(', ');
    throw new Error(`Unknown step: ${unknown.join(', ')}. The steps are: ${known}.`);
  }
  return wanted.size === 0 ? all : all.filter((step) => wanted.has(step.name));
}
