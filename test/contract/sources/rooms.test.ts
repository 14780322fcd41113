/** Rooms: imports make no circle between files, none between the folders of a layer, and no folder is large, and no file long. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { inProject } from '../../../tools/project';

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

function graphOf(edges: readonly (readonly [from: string, to: string])[]): Graph {
  const graph = new Map<string, Set<string>>();
  for (const [from, to] of edges) if (from !== to) graph.set(from, (graph.get(from) ?? new Set()).add(to));
  return graph;
}

/** What can be reached from a node, itself included where it is on a circle. */
function reachable(graph: Graph, start: string): ReadonlySet<string> {
  const found = new Set(graph.get(start));
  for (const node of found) for (const next of graph.get(node) ?? []) found.add(next);
  return found;
}

/** The groups of nodes of which each leads to each other, sorted. */
function circles(graph: Graph): readonly string[] {
  const reached = new Map([...graph.keys()].map((node) => [node, reachable(graph, node)]));
  const leadsTo = (from: string, to: string): boolean => reached.get(from)?.has(to) === true;
  const onCircle = [...graph.keys()].filter((node) => leadsTo(node, node));
  const groups = onCircle.map((node) => onCircle.filter((other) => leadsTo(node, other) && leadsTo(other, node)));
  return [...new Set(groups.map((group) => group.sort().join(' ')))].sort();
}

function sources(): string[] {
  const entries = readdirSync(inProject('src'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name));
  return files.map((entry) => path.join(entry.parentPath, entry.name));
}

/** The files of ours that a file imports, types and late imports included. */
function importsOf(file: string): (readonly [from: string, to: string])[] {
  const name = (of: string): string => path.relative(inProject('src'), of).replaceAll(path.sep, '/');
  return ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles.flatMap(({ fileName }) => {
    if (!fileName.startsWith('.')) return [];
    const target = path.join(path.dirname(file), fileName.replace(/\.js$/, ''));
    const found = [target, `${target}.ts`, `${target}.tsx`].find((each) => /\.tsx?$/.test(each) && existsSync(each));
    return found === undefined ? [] : [[name(file), name(found)] as const];
  });
}

/** The layers whose folders import each other in one direction. */
const DIRECTED = ['kernel', 'contract', 'host', 'services', 'window', 'commands', 'cli', 'views', 'webview'];

/** A folder with more files is searched, not read. */
const MOST_FILES = 12;

/** A file with more lines has two ideas. */
const MOST_LINES = 300;

/** The same for tests, whose cases need no order. */
const MOST_TEST_LINES = 400;

/** Files with more lines → why. */
const LONG_FILES: Readonly<Record<string, string>> = {
  'kernel/db/schema/schema.ts': 'one table: the statements that make the tables',
  'services/tasks/lead/taskLeader.ts': 'one loop, whose steps share what is running',
};

/** Folders with more files → why. */
const LARGE_FOLDERS: Readonly<Record<string, string>> = {
  'src/contract/operations': 'one file for each noun',
  'test/extension/folder': 'the tests of one window, which share its folder',
  'test/support/agents': 'agents that play a part, one file each',
  'test/support/agents/fixtures': 'what real agents printed, one file for each version',
  'test/support/records': 'what tests of records share',
  'test/support/tasks': 'what tests of tasks share',
  'test/ui': 'one file for each surface of the workbench',
  'test/ui/support': 'what tests of the workbench share',
};

/** The layers whose tests are in folders like those of the sources. */
const MIRRORED = ['kernel', 'host', 'services', 'views', 'cli'];
/** Folders of tests about all commands, and about the output of many. */
const SUBJECTS = ['cli/compatibility', 'cli/rows'];

describe('the rooms', () => {
  const edges = sources().flatMap(importsOf);
  const between = edges.map(([from, to]) => [path.posix.dirname(from), path.posix.dirname(to)] as const);

  it('make no circle of files', () => {
    assert.ok(edges.length > 1000);
    assert.deepEqual(circles(graphOf(edges)), []);
  });

  for (const layer of DIRECTED) {
    it(`have the folders of ${layer} in one order, a folder and its own folders counted apart`, () => {
      const inside = between.filter((edge) => edge.every((folder) => folder.split('/')[0] === layer));
      assert.ok(inside.length > 5);
      assert.deepEqual(circles(graphOf(inside)), []);
    });
  }

  it(`have at most ${MOST_FILES} files in a folder`, () => {
    const files = ['src', 'test'].flatMap((tree) =>
      readdirSync(inProject(tree), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()),
    );
    const all = files.map((file) => path.relative(inProject('.'), file.parentPath).replaceAll(path.sep, '/'));
    const folders = new Set(all);
    const large = [...folders].filter((folder) => all.filter((other) => other === folder).length > MOST_FILES);
    assert.ok(folders.size > 200);
    assert.deepEqual(large.sort(), Object.keys(LARGE_FOLDERS).sort());
  });

  it(`have at most ${MOST_LINES} lines in a file of the sources`, () => {
    const isLong = (file: string): boolean => readFileSync(file, 'utf8').split('\n').length - 1 > MOST_LINES;
    const long = sources().filter(isLong);
    const names = long.map((file) => path.relative(inProject('src'), file).replaceAll(path.sep, '/'));
    assert.deepEqual(names.sort(), Object.keys(LONG_FILES).sort());
  });

  it(`have at most ${MOST_TEST_LINES} lines in a file of the tests`, () => {
    const files = readdirSync(inProject('test'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    const lines = files.map((file) => readFileSync(inProject('test', file), 'utf8').split('\n').length - 1);
    assert.ok(files.length > 500);
    assert.deepEqual(
      files.filter((_, index) => (lines[index] ?? 0) > MOST_TEST_LINES),
      [],
    );
  });

  it('have their tests in folders of the same names', () => {
    const files = readdirSync(inProject('test'), { recursive: true, withFileTypes: true });
    const tests = files.filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'));
    const folders = tests.map(({ parentPath }) =>
      path.relative(inProject('test'), parentPath).replaceAll(path.sep, '/'),
    );
    const mirrors = folders.filter((folder) => MIRRORED.includes(folder.split('/')[0] ?? ''));
    const missing = mirrors.filter((folder) => !existsSync(inProject('src', folder)) && !SUBJECTS.includes(folder));
    assert.ok(mirrors.length > 100);
    assert.deepEqual(missing, []);
  });
});
