/** Every command of ic with hostile arguments, files and streams: a clean refusal, and no stored data changes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { EXIT, mostOperands, type CliCommand } from '../../../src/cli/command/command';
import { OutputFailed } from '../../../src/cli/output/output';
import { allCommands } from '../../../src/cli/table';
import { IC_SCRIPT } from '../../support/ic/ic';
import { icHere } from '../../support/ic/icHere';
import { IS_LONG } from '../../support/long';

/** Commands that run until stopped, or use resources shared by the whole machine. */
const LEFT_OUT = new Set(['lead', 'mcp', 'portfolio relay', 'lock clean', 'doctor']);
/** Words for operands and values. `{dir}`, `{loop}` and `{bytes}` are files; long ones exceed the maximum of a path. */
const WORDS = [
  ...['\uFEFF', 'a\uFEFFb', 'a\ud800', '-0', '1e999', '-1', '9223372036854775808'],
  ...['9'.repeat(400), 'a/'.repeat(3000), '{dir}', '@{dir}', '{loop}', '@{loop}', '{bytes}', '@{bytes}', '/dev/null/x'],
];

/** All in the long run, else every sixth: each command meets some, and each word many commands. */
const wordsFor = (turn: number): readonly string[] => WORDS.filter((_, index) => IS_LONG || (index + turn) % 6 === 0);

describe('hostile input', function () {
  this.timeout(300_000);
  let folder: string;
  let record: string;
  let run: string;
  let commands: readonly CliCommand[];
  let env: Record<string, string>;
  const fill = (word: string): string => word.replace(/\{(\w+)\}/, (_, name: string) => path.join(folder, name));

  before(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-hostile-')));
    record = path.join(folder, '.clavain', 'intercore.db');
    env = { XDG_STATE_HOME: path.join(folder, 'state'), XDG_RUNTIME_DIR: folder, TMPDIR: folder, HOME: folder };
    await mkdir(path.join(folder, 'dir'));
    await symlink('loop', path.join(folder, 'loop'));
    await writeFile(path.join(folder, 'bytes'), Buffer.from([0x61, 0xff, 0xfe, 0]));
    commands = (await allCommands()).filter(({ words }) => !LEFT_OUT.has(words.join(' ')));
    assert.equal((await icHere(['init'], { cwd: folder, env })).code, 0);
    run = (await icHere(['run', 'create', '--goal=g'], { cwd: folder, env })).stdout.trim();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  let turn = 0;
  /** Each word as every operand and every flag's value; then flags twice, without a value, and after `--`. */
  const linesOf = (command: CliCommand): string[][] => {
    const count = Number.isFinite(mostOperands(command)) ? mostOperands(command) : 1;
    const valued = (command.flags ?? []).filter(({ value }) => value !== undefined).map(({ name }) => `--${name}`);
    const lines = wordsFor(turn++).map((word) => [
      ...Array.from({ length: count }, () => word),
      ...valued.map((flag) => `${flag}=${word}`),
    ]);
    return [
      ...lines,
      valued,
      [...valued, '--'],
      ['--', 'x', '--json'],
      valued.flatMap((flag) => [`${flag}=1`, `${flag}=`]),
    ];
  };

  it('causes no stack trace, and changes nothing if it is refused', async () => {
    const problems: string[] = [];
    for (const command of commands) {
      for (const words of linesOf(command)) {
        const before = await readFile(record);
        const line = [...command.words, ...words.map(fill)];
        const { code, stderr } = await icHere(line, { cwd: folder, env });
        const isChanged = code !== 0 && !before.equals(await readFile(record));
        if (isChanged || /internal error|\n {4}at |SQL/.test(stderr))
          problems.push(
            `${JSON.stringify(line).slice(0, 200)}: ${code} ${isChanged ? 'changed' : ''} ${stderr.slice(0, 300)}`,
          );
      }
    }
    assert.equal(problems.join('\n'), '');
  });

  it('makes each command exit with 2 and one message if its output cannot be written', async () => {
    const problems: string[] = [];
    const message = 'ic: output not written: ENOSPC\n';
    let reported = 0;
    for (const { words, operands = '' } of commands) {
      const record = operands.split(' ').map((name) => (/run/.test(name) ? run : 'k'));
      for (const more of [['--help'], record, [...record, '--json']]) {
        const attempts: string[] = [];
        const onWritten = (): void => {
          attempts.push(message);
          throw new OutputFailed('ENOSPC');
        };
        const { code, stderr } = await icHere([...words, ...more], { cwd: folder, env, onWritten });
        const isReported = code === EXIT.failure && stderr.split(message).length === 2;
        const isWritten = attempts.length > 0;
        if (isWritten) reported += 1;
        if (isWritten !== isReported || /internal error|\n {4}at /.test(stderr))
          problems.push(`${[...words, ...more].join(' ')}: ${code} ${stderr.slice(0, 300)}`);
      }
    }
    assert.ok(reported > commands.length, `only ${reported} wrote anything`);
    assert.equal(problems.join('\n'), '');
  });

  it('makes each command exit with one message if a stream is closed or full', () => {
    const shellRun = (line: string): string => {
      const ic = `"${process.execPath}" "${IC_SCRIPT}"`;
      const shell = spawnSync('sh', ['-c', line.replaceAll('ic ', `${ic} `)], {
        cwd: folder,
        env: { ...env, PATH: process.env['PATH'] },
        encoding: 'utf8',
      });
      return `${shell.status} ${shell.stderr}`;
    };
    for (const line of ['ic run list > /dev/full', 'ic run list --json > /dev/full', 'ic help > /dev/full']) {
      assert.match(shellRun(line), /^2 ic: [^\n]+\n$/, line);
    }
    assert.match(shellRun('ic run list >&-'), /^(0 |2 ic: [^\n]+\n)$/);
    assert.match(shellRun('ic state set k s <&-'), /^[23] ic: state set: [^\n]+\n(?! {4}at)/);
    assert.equal(shellRun('ic run list | true'), '0 ');
    assert.match(shellRun('ic run create --goal="$(printf \'a\\377\')"'), /^3 ic: this argument is not UTF-8/);
  });
});
