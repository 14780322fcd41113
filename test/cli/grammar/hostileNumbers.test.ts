/** Every numeric flag of ic with extreme numbers: ic refuses them, or every list still reads the record. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { EXIT, mostOperands, type CliCommand } from '../../../src/cli/command/command';
import { allCommands } from '../../../src/cli/table';
import { icHere } from '../../support/ic/icHere';
import { inLong, IS_LONG } from '../../support/long';

/** Commands that run until stopped, or use resources shared by the whole machine. */
const LEFT_OUT = new Set(['lead', 'mcp', 'portfolio relay', 'lock clean', 'doctor']);
/** Would start an agent with its other flags. */
const ALONE = new Set(['dispatch spawn']);
/** Placeholders of numeric values in usage lines. */
const NUMERIC = /^(N|X|\d+-\d+|DURATION|SECONDS|USD|N\|none|USD\|none)$/;
const NUMBERS = [
  ...['-0', '-1', '+1', '00', '1e0', '1.5', '.5', '1e300', '1e999', '-1e999', '1e-999', 'NaN', 'Infinity', '0x10'],
  ...['9007199254740991', '9007199254740993', '9223372036854775807', '9223372036854775808', '9'.repeat(400)],
  ...['1_000', ' 1', '1 ', '\u0661', '1s', '-1s', '1e9h', '9999999h', '9007199254740991h', '0s'],
];
/** All in the long run, else every sixth: each flag meets some, and each number many flags. */
const numbersFor = (turn: number): readonly string[] =>
  NUMBERS.filter((_, index) => IS_LONG || (index + turn) % 6 === 0);
const READERS = [
  ...[
    'run list',
    'run list --json',
    'run status {run}',
    'run budget {run}',
    'run tokens {run}',
    'run agent list {run}',
  ],
  ...['run artifact list {run}', 'dispatch list', 'discovery list', 'interspect query', 'sentinel list', 'lock list'],
  ...[
    'events tail --all',
    'events cursor list',
    'budget show --run={run}',
    'state list k',
    'project list',
    'task list',
  ],
];

describe('a hostile number', function () {
  this.timeout(600_000);
  let folder: string;
  let record: string;
  let run: string;
  let commands: readonly CliCommand[];
  let env: Record<string, string>;

  before(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-numbers-')));
    record = path.join(folder, '.clavain', 'intercore.db');
    env = { XDG_STATE_HOME: path.join(folder, 'state'), XDG_RUNTIME_DIR: folder, TMPDIR: folder, HOME: folder };
    await writeFile(path.join(folder, 'file'), '{}');
    commands = (await allCommands()).filter(({ words }) => !LEFT_OUT.has(words.join(' ')));
    await icHere(['init'], { cwd: folder, env });
    run = (await icHere(['run', 'create', '--goal=g'], { cwd: folder, env })).stdout.trim();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const plausible = (value: string): string => {
    if (NUMERIC.test(value)) return value.startsWith('DURATION') ? '1s' : '1';
    if (value === 'FILE' || value === 'PATH') return 'file';
    return value === 'DIR' || value === 'FOLDER' ? '.' : value === 'RUN' ? run : 'a';
  };
  const operands = (command: CliCommand): string[] => {
    const names = command.operands?.split(' ') ?? [];
    const count = Number.isFinite(mostOperands(command)) ? mostOperands(command) : 1;
    return Array.from({ length: count }, (_, index) => (/run|id/.test(names[index] ?? '') ? run : 'k'));
  };

  let turn = 0;
  /** The flag alone, and with all other flags that take a value. */
  function* linesOf(command: CliCommand): Generator<string[]> {
    const valued = (command.flags ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }]));
    const before = [...command.words, ...operands(command)];
    for (const { name } of valued.filter(({ value }) => NUMERIC.test(value))) {
      const others = ALONE.has(command.words.join(' ')) ? [] : valued.filter((other) => other.name !== name);
      const given = others.map((other) => `--${other.name}=${plausible(other.value)}`);
      for (const number of numbersFor(turn++)) {
        yield [...before, `--${name}=${number}`];
        if (given.length > 0) yield [...before, ...given, `--${name}=${number}`];
      }
    }
  }

  it('causes no stack trace, and every list still reads the record', async () => {
    const problems: string[] = [];
    let tried = 0;
    for (const command of commands) {
      const first = await readFile(record);
      for (const line of linesOf(command)) {
        tried += 1;
        const start = await readFile(record);
        const { code, stderr } = await icHere(line, { cwd: folder, env });
        // Only outcomes that are no mistake of the caller may be recorded, such as a blocked gate.
        const isChanged = code === EXIT.usage && !start.equals(await readFile(record));
        if (isChanged || /internal error|\n {4}at |SQL/.test(stderr))
          problems.push(`${JSON.stringify(line)}: ${code} ${isChanged ? 'changed' : ''} ${stderr.slice(0, 300)}`);
      }
      if (first.equals(await readFile(record))) continue;
      for (const reader of READERS) {
        const { code, stderr } = await icHere(reader.replaceAll('{run}', run).split(' '), { cwd: folder, env });
        if (code > 1 || stderr !== '') problems.push(`${command.words.join(' ')}, then ${reader}: ${code} ${stderr}`);
      }
    }
    assert.ok(tried > inLong(75, 500));
    assert.equal(problems.join('\n'), '');
  });
});
