/** Arguments that are empty or surplus, which the original accepts as shells pass them. */
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { parseArgs, splitArgv } from '../../../src/cli/grammar/argv';
import type { CliCommand } from '../../../src/cli/command/command';
import { mostOperands } from '../../../src/cli/command/command';
import { allCommands } from '../../../src/cli/table';
import { NOT_IN_ORIGINAL } from '../../../scripts/differential/leftOut';
import { lineFor } from '../../support/ic/commandLines';
import { icHere } from '../../support/ic/icHere';
import type { IcResult } from '../../support/ic/ic';

/** Commands that list nothing for an empty value, as in the original. */
const MAY_BE_EMPTY = ['run list --scope', 'dispatch list --scope'];
/** Commands that run until stopped, or use resources shared by the whole machine. */
const LEFT_OUT = new Set(['lead', 'mcp', 'portfolio relay', 'lock clean', 'doctor']);

/** Commands that start a program before they read a record, or read one of the machine. */
const RUNNING = new Set(['lead', 'mcp', 'doctor']);

const isOurs = (words: readonly string[]): boolean =>
  NOT_IN_ORIGINAL.some((start) => `${words.join(' ')} `.startsWith(`${start} `));

describe('arguments of ic', function () {
  this.timeout(60_000);
  let folder: string;
  let commands: readonly CliCommand[];

  const run = (words: readonly string[], input = ''): Promise<IcResult> =>
    icHere(words, { cwd: folder, env: { XDG_STATE_HOME: path.join(folder, 'state'), TMPDIR: folder }, input });
  const outcome = async (line: string, input = ''): Promise<readonly [number, string]> => {
    const { code, stdout } = await run(
      line.split(' ').map((word) => word.replace(/^''$/, '')),
      input,
    );
    return [code, stdout];
  };

  before(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-empty-')));
    commands = await allCommands();
    assert.equal((await run(['init'])).code, 0);
    assert.equal((await run(['run', 'create', '--goal=g'])).code, 0);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('an empty value means that the flag was not given, for every flag of every command', () => {
    const empties = commands.flatMap(({ words, flags = [] }) =>
      flags.flatMap((flag) => {
        if (flag.value === undefined) return [];
        const spellings = [[`--${flag.name}=`], ...(flag.spaced === true ? [[`--${flag.name}`, '']] : [])];
        const given = [`--${flag.name}=x`];
        return spellings
          .flatMap((empty) => [empty, [...given, ...empty]])
          .filter((line) => parseArgs(line, flags).values.size > 0)
          .map(() => `${words.join(' ')} --${flag.name}`);
      }),
    );
    assert.deepEqual([...new Set(empties)], MAY_BE_EMPTY);
  });

  it('an empty value means that the flag was not given, for global flags', () => {
    const none = splitArgv([]);
    for (const words of [
      ['--db='],
      ['--db', ''],
      ['--timeout='],
      ['--timeout=5s', '--timeout='],
      ['--db=x', '--db='],
    ]) {
      assert.deepEqual(splitArgv(words), none, words.join(' '));
    }
  });

  it('a flag with an empty value does not change the command', async () => {
    const lines: readonly (readonly [string, readonly [number, string | undefined]])[] = [
      ['state set k s --ttl=', [0, '']],
      ['state set k s --ttl ', [0, '']],
      ['state set k s2 --db=', [0, '']],
      ['state set k s3 --timeout=', [0, '']],
      ['discovery submit --source=s --source-id=1 --title=t --score= --dedup-threshold= --metadata=', [0, undefined]],
      ['discovery list --limit= --tier= --status=', [0, undefined]],
      ['discovery decay --rate=0.1 --min-age=', [0, '0 decayed\n']],
      [
        'run create --goal=g --complexity= --phases= --token-budget= --budget-warn-pct= --max-dispatches=',
        [0, undefined],
      ],
      ['run current --project=', [0, undefined]],
      ['events tail --all --limit= --since-phase= --since-dispatch= --poll-interval= --consumer=', [0, undefined]],
      ['interspect query --agent= --since= --limit=', [0, '']],
      ['sentinel check n s --interval=', [3, '']],
      ['run create --goal=', [3, '']],
      ['run list --scope=', [0, '']],
      ['run list --scope= --json', [0, '[]\n']],
      ['dispatch list --scope= --json', [0, '[]\n']],
    ];
    for (const [line, [code, stdout]] of lines) {
      const found = await outcome(line, '1');
      assert.equal(found[0], code, line);
      if (stdout !== undefined) assert.equal(found[1], stdout, line);
    }
  });

  it('an empty positional counts as a positional', async () => {
    const lines: readonly (readonly [string, number])[] = [
      ["run status ''", 1],
      ["run phase ''", 1],
      ["run advance ''", 1],
      ["run cancel ''", 1],
      ["run events ''", 0],
      ["run tokens ''", 0],
      ["run agent list ''", 0],
      ["gate check ''", 1],
      ["dispatch status ''", 1],
      ["dispatch kill ''", 1],
      ["discovery status ''", 1],
      ["state get '' s", 2],
      ["state get k ''", 1],
      ["sentinel check '' '' --interval=0", 0],
      ["lock acquire '' s", 2],
      ["events cursor reset ''", 0],
      ["compat check ''", 1],
      ["portfolio status ''", 0],
      ['compat check NOPE!', 1],
    ];
    for (const [line, code] of lines) assert.equal((await outcome(line))[0], code, line);
  });

  it('an empty positional causes no internal error in any command', async () => {
    for (const command of commands) {
      const name = command.words.join(' ');
      if (LEFT_OUT.has(name) || command.operands === undefined) continue;
      const count = Number.isFinite(mostOperands(command)) ? mostOperands(command) : 1;
      const { code, stderr } = await run([...command.words, ...Array.from({ length: count }, () => '')]);
      assert.ok([0, 1, 2, 3].includes(code) && !stderr.includes('internal error'), `ic ${name}: ${stderr}`);
    }
  });

  it('surplus or unknown arguments are refused by every command that the original does not have', () => {
    const ours = commands.filter(({ words }) => isOurs(words));
    assert.deepEqual(
      ours.filter(({ strict }) => strict !== true).map(({ words }) => words.join(' ')),
      [],
    );
    assert.ok(ours.length > 50);
  });

  it('--db is used or refused by every command of ours', async () => {
    const names = { project: 'x', run: 'x', task: 'x', subtask: 'x', other: 'y', dispatch: 'x', kind: 'claude' };
    await writeFile(path.join(folder, 'prompt.sh'), 'exit 0');
    const silent: string[] = [];
    for (const command of commands.filter(({ words }) => isOurs(words) && !RUNNING.has(words.join(' ')))) {
      const { code, stdout, stderr } = await run([...lineFor(command, names), '--db=none.db']);
      const isRefused = code === 3 && stderr.includes('--db is not supported');
      if (!isRefused && !`${stdout}${stderr}`.includes('none.db')) silent.push(`${command.words.join(' ')}: ${stderr}`);
      assert.equal(isRefused, command.byFolder === true, command.words.join(' '));
    }
    assert.deepEqual(silent, []);
    for (const words of [['lead'], ['mcp']]) {
      const { code, stderr } = await run([...words, '--db=none.db']);
      assert.deepEqual(
        { code, stderrIncludes: stderr.includes('--db is not supported') },
        { code: 3, stderrIncludes: true },
        words.join(' '),
      );
    }
  });

  it('--timeout is refused by every command that opens no named database, unless it has its own', async () => {
    const byFolder = commands.filter((command) => command.byFolder === true);
    assert.ok(byFolder.length > 10);
    for (const command of byFolder) {
      const { code, stderr } = await run([...lineFor(command, { kind: 'claude' }), '--timeout=1s']);
      const isRefused = code === 3 && stderr.includes('--timeout is not supported');
      assert.equal(isRefused, command.timeout === undefined, `${command.words.join(' ')}: ${stderr}`);
    }
  });

  it('--json prints a note if it changes nothing', async () => {
    assert.match((await run(['agent', 'revoke', 'claude', '--json'])).stderr, /^ic: agent revoke: ignoring --json\n/);
    assert.doesNotMatch((await run(['task', 'list', '--json'])).stderr, /ignoring/);
  });

  it('a surplus word is an unknown flag for strict commands, and ignored by others', async () => {
    const strict = commands.filter((command) => command.strict === true && Number.isFinite(mostOperands(command)));
    for (const command of strict) {
      const words = [...command.words, ...Array.from({ length: mostOperands(command) }, () => 'x'), 'surplus'];
      const { code, stderr } = await run(words);
      assert.deepEqual(
        { code, stderr },
        { code: 3, stderr: `ic: ${command.words.join(' ')}: unknown flag: surplus\n` },
        words.join(' '),
      );
    }
    assert.deepEqual(await outcome('state set k surplus surplus', '{"a":1}'), [0, '']);
    assert.deepEqual(await outcome('state get k surplus more'), [0, '{"a":1}\n']);
    assert.equal((await outcome('run list more'))[0], 0);
    assert.equal((await outcome('version more'))[0], 0);
  });
});
