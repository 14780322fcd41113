/**
 * Every reading operation of the contract and every reading command of ic with a very large record: none reads all of
 * it before other work gets a turn or before it prints. New ones are included as soon as they are declared.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { openProgramHost } from '../../../../src/cli/mcp/host';
import { runMap } from '../../../../src/cli/output/runMap';
import { Output, OutputFailed, type Streams } from '../../../../src/cli/output/output';
import { runCli } from '../../../../src/cli/run';
import { allCommands } from '../../../../src/cli/table';
import { OPERATION_NAMES, SURFACES } from '../../../../src/contract/surfaces/surfaces';
import { toolSchemaOf } from '../../../../src/contract/surfaces/toolSchemas';
import { silentLog } from '../../../../src/host/log';
import { isKernelError } from '../../../../src/kernel/errors/errors';
import { listRuns } from '../../../../src/kernel/run/record/queries';
import { createApi, runOperation } from '../../../../src/services/operations/api/api';
import { lineFor } from '../../../support/ic/commandLines';
import { fillRecord } from '../../../support/records/filledRecord';
import { icHere } from '../../../support/ic/icHere';
import { openTestKernel } from '../../../support/records/kernel';
import { lengthen, MANY } from '../../../support/records/longRecord';
import { argumentsFor } from '../../../support/ic/operationArguments';
import { ReadSteps, weight } from '../../../support/tasks/readSteps';
import { IS_LONG } from '../../../support/long';

/** In rows: far fewer than the shortest long list, and far more than one step with its additional reads. */
const MOST_ROWS = 2_500;
/** Commands that run until stopped, or use state shared by all records. */
const LEFT_OUT = new Set(['mcp', 'lead', 'portfolio relay', 'lock acquire', 'lock release']);
/** The limits of the operations on long lists. */
const LIMITS: Readonly<Record<string, number>> = {
  'runs.list': MANY.runs,
  'dispatches.list': 10_000,
  'events.list': 100_000,
  'events.writes': 100_000,
};
/** The limit of what commands print at once. */
const LONGEST: Readonly<Record<string, readonly string[]>> = {
  'events tail': ['--all', '--limit=100000'],
  'events writes': ['--limit=100000'],
};
/** With a record of a newer version, writes are refused and only reads remain. */
const READ_ONLY = 'PRAGMA user_version = 39';

describe('with a very large record', function () {
  this.timeout(180_000);
  let folder: string;
  let names: Readonly<Record<string, string>>;
  let env: Readonly<Record<string, string>>;

  before(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-long-')));
    await mkdir(path.join(folder, '.clavain'));
    await writeFile(path.join(folder, 'prompt.sh'), 'true\n');
    env = { XDG_STATE_HOME: path.join(folder, 'state'), XDG_RUNTIME_DIR: folder, TMPDIR: folder, HOME: folder };
    const kernel = await openTestKernel();
    const { good = '', subtask = '', ...rest } = fillRecord(kernel, folder);
    names = { ...rest, run: good, subtask, kind: 'shell', phase: 'planned', key: 'k' };
    lengthen(kernel, folder, good);
    kernel.exec(READ_ONLY);
    await writeFile(path.join(folder, '.clavain', 'intercore.db'), kernel.kernel.export());
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('each reading operation reads in steps', async () => {
    const problems: string[] = [];
    const served = { folders: [folder], workspaceFile: undefined, dispatchId: undefined };
    const host = await openProgramHost({
      served,
      env: { ...process.env, ...env },
      log: silentLog,
      actor: () => 'test',
    });
    try {
      for (const kernel of host.operations.kernels.all()) await kernel.load();
      for (const name of OPERATION_NAMES.filter((operation) => SURFACES[operation].effect === 'read')) {
        const wait = name === 'dispatches.wait' ? { dispatchId: 'none0000' } : {};
        const limit = LIMITS[name];
        assert.ok(
          limit !== undefined || !('limit' in toolSchemaOf(name).properties) || name === 'dispatches.log',
          name,
        );
        for (const given of limit === undefined ? [wait] : [{}, { limit }]) {
          const steps = new ReadSteps();
          await steps.during(async () => {
            await runOperation(host.operations, name, argumentsFor(name, folder, given, names)).catch(kernelErrors);
          });
          problems.push(...tooMuch(`${name} ${JSON.stringify(given)}`, steps));
        }
      }
    } finally {
      await host.dispose();
    }
    assert.equal(problems.join('\n'), '');
  });

  it('a page has the start of the next one', async () => {
    const served = { folders: [folder], workspaceFile: undefined, dispatchId: undefined };
    const host = await openProgramHost({
      served,
      env: { ...process.env, ...env },
      log: silentLog,
      actor: () => 'test',
    });
    try {
      const api = createApi(host.operations);
      const first = await api.runs.list({ folder });
      assert.deepEqual({ runsCount: first.runs.length, nextFrom: first.nextFrom }, { runsCount: 1000, nextFrom: 1000 });
      const all = await api.runs.list({ folder, limit: MANY.runs });
      const rest = await api.runs.list({ folder, from: all.nextFrom ?? 0, limit: MANY.runs });
      assert.equal(rest.nextFrom, null);
      const runs = [...all.runs, ...rest.runs];
      const [kernel] = host.operations.kernels.all();
      assert.deepEqual(runs, kernel?.read((r) => listRuns(r)).runs);
      const exact = await api.runs.list({ folder, limit: rest.runs.length, from: all.runs.length });
      assert.deepEqual(
        { runsCount: exact.runs.length, nextFrom: exact.nextFrom },
        { runsCount: rest.runs.length, nextFrom: null },
      );
      const { dispatches, nextFrom } = await api.dispatches.list({ folder, from: MANY.dispatches, limit: 10_000 });
      assert.deepEqual({ hasDispatches: dispatches.length > 0, nextFrom }, { hasDispatches: true, nextFrom: null });
    } finally {
      await host.dispose();
    }
  });

  it('lists are printed as a single read of all rows would print them', async () => {
    const kernel = await openTestKernel(await readFile(path.join(folder, '.clavain', 'intercore.db')));
    const { runs } = kernel.read((r) => listRuns(r));
    const { stdout, code } = await icHere(['run', 'list', '--json'], { cwd: folder, env });
    assert.equal(code, 0);
    const whole: string[] = [];
    const out = new Output({
      writeOut: (text) => Promise.resolve(whole.push(text) > 0),
      writeError: () => undefined,
    });
    out.map(runs.map(runMap));
    await out.flush();
    assert.equal(stdout, whole.join(''));
    const plain = await icHere(['run', 'list'], { cwd: folder, env });
    assert.equal(plain.stdout, runs.map((run) => `${[run.id, run.status, run.phase, run.goal].join('\t')}\n`).join(''));
    const active = await icHere(['run', 'list', '--json', '--scope=none'], { cwd: folder, env });
    assert.equal(active.stdout, '[]\n');
  });

  it('a list stops if its reader closes, and fails once if the disk is full', async () => {
    const parts: string[] = [];
    const outcome = async (writeOut: Streams['writeOut']): Promise<number> => {
      const streams = { writeOut, writeError: (text: string) => void parts.push(text) };
      return await runCli(['run', 'list'], {
        streams,
        env: { PATH: '', PWD: folder, ...env },
        physicalCwd: folder,
        stdin: () => Readable.from([]),
        stopped: new AbortController().signal,
      });
    };
    let written = 0;
    assert.equal(await outcome(() => Promise.resolve((written += 1) < 2)), 0);
    assert.equal(written, 2);
    assert.equal(await outcome(() => Promise.reject(new OutputFailed('no space left'))), 2);
    assert.deepEqual(
      parts.filter((part) => part.includes('no space left')),
      ['ic: output not written: no space left\n'],
    );
  });

  it('each reading command prints as it reads', async () => {
    const problems: string[] = [];
    for (const [index, command] of (await allCommands()).entries()) {
      // Every third in each run: commands print lists in the same few ways.
      if (!IS_LONG && index % 3 !== 0) continue;
      if (LEFT_OUT.has(command.words.join(' '))) continue;
      const line = [...lineFor(command, names), ...(LONGEST[command.words.join(' ')] ?? [])];
      const codeOf = async (words: readonly string[]): Promise<number> => {
        const steps = new ReadSteps();
        const options = { cwd: folder, env, input: '1', onWritten: () => steps.end() };
        const { code } = await steps.during(() => icHere(words, options));
        problems.push(...tooMuch(`ic ${words.join(' ')}`, steps));
        return code;
      };
      // Refused commands read the same with it.
      if ((await codeOf(line)) < 2 && command.json === true) await codeOf([...line, '--json']);
    }
    assert.equal(problems.join('\n'), '');
  });
});

function tooMuch(what: string, { largest }: ReadSteps): string[] {
  return weight(largest) <= MOST_ROWS ? [] : [`${what}: ${JSON.stringify(largest)} in one step`];
}

function kernelErrors(error: unknown): void {
  if (!isKernelError(error)) throw error;
}
