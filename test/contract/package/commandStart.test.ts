/** What `ic` loads before a command runs: most of the time of a short command goes into that. */
import assert from 'node:assert/strict';
import { build, type Metafile } from 'esbuild';
import { allCommands, commandsFor, commandsOf } from '../../../src/cli/table';
import { inProject } from '../../../tools/project';

/** The programs' own bytes, minified, that `ic run current` runs before it reads the record. */
const MOST_BYTES = 252_000;
/** Modules that make zod schemas as they load, which takes longer than all else in them: of runs, and of every record. */
const SCHEMAS = [
  'src/cli/program.ts',
  'src/kernel/callers/model.ts',
  'src/kernel/callers/store.ts',
  'src/kernel/db/defineTable.ts',
  'src/kernel/db/exactRows.ts',
  'src/kernel/db/migrate.ts',
  'src/kernel/ids.ts',
  'src/kernel/input.ts',
  'src/kernel/list/recordPages.ts',
  'src/kernel/portfolio/home.ts',
  'src/kernel/run/record/model.ts',
  'src/kernel/run/record/phaseNames.ts',
  'src/kernel/run/record/store.ts',
];

type Inputs = Metafile['inputs'];

/** A file with all that it imports at once, and what they import. */
function importedAtOnce(file: string, inputs: Inputs, known = new Set<string>()): ReadonlySet<string> {
  known.add(file);
  for (const next of inputs[file]?.imports ?? []) {
    const isNew = next.path in inputs && !known.has(next.path);
    if (isNew && next.kind === 'import-statement') importedAtOnce(next.path, inputs, known);
  }
  return known;
}

describe('the start of a command', () => {
  let loaded: ReadonlySet<string> = new Set();
  let bytes = 0;
  let inputs: Inputs = {};

  before(async () => {
    const { metafile } = await build({
      absWorkingDir: inProject('.'),
      entryPoints: ['src/cli/program.ts'],
      bundle: true,
      platform: 'node',
      minify: true,
      metafile: true,
      write: false,
      outdir: 'dist',
    });
    inputs = metafile.inputs;
    const parts = ['src/cli/program.ts', 'src/cli/nouns/run/runs.ts', 'src/cli/command/session.ts'];
    loaded = new Set(parts.flatMap((file) => [...importedAtOnce(file, inputs)]));
    const [output] = Object.values(metafile.outputs);
    for (const file of loaded) bytes += output?.inputs[file]?.bytesInOutput ?? 0;
  });

  it('loads little before the newest run is read', () => {
    assert.ok(bytes > MOST_BYTES / 2, `${bytes} bytes: the list is not of what is loaded`);
    assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);
  });

  it('makes no schema of anything but runs', () => {
    const isOurs = (file: string): boolean => file.startsWith('src/');
    const makers = [...loaded].filter(
      (file) => isOurs(file) && inputs[file]?.imports.some((next) => next.path.includes('node_modules/zod/')),
    );
    assert.deepEqual(makers.sort(), SCHEMAS);
  });

  it('finds each command in the one file that its first two words name', async () => {
    for (const command of await allCommands()) {
      const found = (await commandsFor(command.words)).filter(({ words }) => words.join() === command.words.join());
      assert.equal(found.length, 1, command.words.join(' '));
      // Of several that a line may mean, the one with the most words is taken.
      const rivals = (await commandsOf(command.words[0])).filter(({ words }) => words[1] === command.words[1]);
      const near = await commandsFor(command.words);
      assert.ok(
        rivals.every((rival) => near.some(({ words }) => words.join() === rival.words.join())),
        command.words.join(' '),
      );
    }
  });
});
