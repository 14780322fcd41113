/**
 * Every command of ic whose output or messages have no reader or no room on the disk. Each writes to the real files; some
 * are processes, and all are in the long run.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import type { CliCommand } from '../../src/cli/command/command';
import { decisionOn } from '../../src/cli/decisions';
import { allCommands } from '../../src/cli/table';
import { CheckedFiles } from '../../src/host/image/checkedFiles';
import { checkedFilesFolder } from '../../src/host/state/stateFolder';
import { lineFor } from '../support/ic/commandLines';
import { IC_SCRIPT, type IcResult } from '../support/ic/ic';
import { icHere, icHereInto, type Target } from '../support/ic/icHere';
import { IS_LONG } from '../support/long';
import { fillRecord } from '../support/records/filledRecord';
import { openTestKernel } from '../support/records/kernel';

/** Commands that use resources shared by the whole machine, or run until stopped. */
const LEFT_OUT = new Set(['lock acquire', 'lock release', 'lock clean', 'doctor', 'portfolio relay', 'lead', 'mcp']);
const CHANGED = '  The record was changed. Check it before you run the command again.';
const RECORD = path.join('.clavain', 'intercore.db');
const LANES = Math.max(2, availableParallelism());

/**
 * Run as processes every time: reads and changes, one answer and a list in parts, and `dispatch spawn`, whose launcher is
 * only next to the program.
 */
const PROCESSES = new Set(['run create', 'run list', 'run status', 'events tail', 'state set', 'dispatch spawn']);
const isProcess = ({ words }: CliCommand): boolean => IS_LONG || PROCESSES.has(words.join(' '));

interface Ended extends IcResult {
  /** Whether the file of the record was changed. */
  readonly isChanged: boolean;
}

const environmentIn = (cwd: string): Readonly<Record<string, string>> => ({
  XDG_STATE_HOME: path.join(cwd, 'state'),
  XDG_RUNTIME_DIR: cwd,
  TMPDIR: cwd,
  HOME: cwd,
});

describe('ic whose output is lost', function () {
  this.timeout(120_000);
  let root: string;
  let names: Readonly<Record<string, string>>;
  let record: Buffer;
  /** The result of each command if its output is read. */
  let plain: ReadonlyMap<CliCommand, Ended>;
  /** A pipe without a reader. */
  let unread: number;
  let full: number;
  const files: number[] = [];
  let folders = 0;
  /** A copy for commands that change nothing. */
  let unchanged: string;

  const isReader = (command: CliCommand, { isChanged }: Ended): boolean =>
    !isChanged && decisionOn(command) === undefined;

  async function newCopy(): Promise<string> {
    const copy = path.join(root, `copy${(folders += 1)}`);
    await cp(path.join(root, 'first'), copy, { recursive: true });
    // The check of a new file takes most of a call's time, and prints nothing.
    await new CheckedFiles(checkedFilesFolder(environmentIn(copy))).add(path.join(copy, RECORD));
    return copy;
  }

  async function ended(
    cwd: string,
    step: (env: Readonly<Record<string, string>>) => Promise<IcResult>,
  ): Promise<Ended> {
    const { code, stdout, stderr } = await step(environmentIn(cwd));
    const isChanged = !record.equals(await readFile(path.join(cwd, RECORD)));
    return { code, stdout, stderr: stderr.replaceAll(cwd, ''), isChanged };
  }

  const runIn = (cwd: string, words: readonly string[], out: Target, err: Target): Promise<Ended> =>
    ended(
      cwd,
      (own) =>
        new Promise((resolve, reject) => {
          const env = { PATH: process.env['PATH'] ?? '', PWD: cwd, TZ: 'UTC', ...own };
          const child = spawn(process.execPath, [IC_SCRIPT, ...words], { cwd, env, stdio: ['ignore', out, err] });
          const text = { stdout: '', stderr: '' };
          child.stdout?.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()));
          child.stderr?.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()));
          child.once('error', reject);
          child.once('close', (code) => resolve({ code: code ?? -1, ...text }));
        }),
    );

  async function inLanes<T>(items: Iterable<T>, step: (item: T) => Promise<void>): Promise<void> {
    const left = [...items];
    const lane = async (): Promise<void> => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) await step(next);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  before(async function () {
    if (process.platform !== 'linux') this.skip();
    root = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-lost-')));
    const first = path.join(root, 'first');
    await mkdir(path.join(first, '.clavain'), { recursive: true });
    await writeFile(path.join(first, 'prompt.sh'), 'true\n');
    const kernel = await openTestKernel();
    const { good = '', subtask = '', ...rest } = fillRecord(kernel, first);
    names = { ...rest, run: good, subtask, kind: 'shell', phase: 'planned', key: 'k', shell: 'bash' };
    record = Buffer.from(kernel.kernel.export());
    await writeFile(path.join(first, RECORD), record);
    const pipe = path.join(root, 'pipe');
    assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    unread = openSync(pipe, constants.O_WRONLY);
    closeSync(reader);
    full = openSync('/dev/full', 'w');
    files.push(unread, full);
    unchanged = await newCopy();
    const found = new Map<CliCommand, Ended>();
    for (const command of await allCommands()) {
      if (LEFT_OUT.has(command.words.join(' '))) continue;
      const line = lineFor(command, names);
      const cwd = unchanged;
      const result = isProcess(command)
        ? await runIn(cwd, line, 'pipe', 'pipe')
        : await ended(cwd, (env) => icHere(line, { cwd, env }));
      found.set(command, result);
      if (!isReader(command, result)) unchanged = await newCopy();
    }
    plain = found;
  });
  after(async () => {
    for (const file of files) closeSync(file);
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Problems of commands that write to a stream that accepts nothing. */
  async function problems(
    stream: 'stdout' | 'stderr',
    file: number,
    isFine: (result: Ended, expected: Ended) => boolean,
  ): Promise<string[]> {
    const found: string[] = [];
    const writing = [...plain].filter(([, expected]) => expected[stream] !== '');
    assert.ok(writing.length > 10);
    assert.ok(writing.some(([command]) => isProcess(command)));
    await inLanes(writing, async ([command, expected]) => {
      const line = lineFor(command, names);
      const name = command.words.join(' ');
      const cwd = isReader(command, expected) ? unchanged : await newCopy();
      const [out, err]: [Target, Target] = stream === 'stdout' ? [file, 'pipe'] : ['pipe', file];
      const result = isProcess(command)
        ? await runIn(cwd, line, out, err)
        : await ended(cwd, (env) => icHereInto(line, { cwd, env }, { out, err }));
      // The cursor of a consumer must not pass events that were not written.
      const mayChange = expected.isChanged && !(stream === 'stdout' && name === 'events tail');
      const isSameRecord = result.isChanged === mayChange;
      if (!isSameRecord || /^ {4}at /m.test(result.stderr) || !isFine(result, expected))
        found.push(`ic ${line.join(' ')}: ${JSON.stringify(result)} instead of ${JSON.stringify(expected)}`);
    });
    return found.sort();
  }

  it('fails if the disk of its output is full, and reports whether the record was changed', async () => {
    const isFine = ({ code, stderr, isChanged }: Ended, expected: Ended): boolean => {
      const lines = stderr.split('\n');
      const others = expected.stderr.split('\n');
      return (
        code === 2 &&
        lines.filter((line) => line.startsWith('ic: output not written: ')).length === 1 &&
        lines.includes(CHANGED) === isChanged &&
        others.every((line) => lines.includes(line))
      );
    };
    assert.deepEqual(await problems('stdout', full, isFine), []);
  });

  it('ends as usual if its output has no reader', async () => {
    const isFine = ({ code, stderr }: Ended, expected: Ended): boolean =>
      code === expected.code && stderr === expected.stderr;
    assert.deepEqual(await problems('stdout', unread, isFine), []);
  });

  const isSame = ({ code, stdout }: Ended, expected: Ended): boolean =>
    code === expected.code && (stdout === '') === (expected.stdout === '');

  it('ends as usual if the disk of its messages is full', async () => {
    assert.deepEqual(await problems('stderr', full, isSame), []);
  });

  it('ends as usual if its messages have no reader', async () => {
    assert.deepEqual(await problems('stderr', unread, isSame), []);
  });
});
