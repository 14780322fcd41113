/**
 * Every command of ic and every tool of ic mcp with a record of a newer version, compared with the same record of this
 * version: reads answer the same, writes are refused with the reason, and nothing is stored or started. New commands
 * and tools are included as soon as they are declared.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { allCommands } from '../../../../src/cli/table';
import { TOOL_OPERATIONS, toolNameOf } from '../../../../src/contract/surfaces/surfaces';
import { COMPONENTS } from '../../../../src/kernel/db/schema/schema';
import { SqliteImage } from '../../../../src/kernel/db/sqlite';
import { lineFor } from '../../../support/ic/commandLines';
import { fillRecord } from '../../../support/records/filledRecord';
import { ic } from '../../../support/ic/ic';
import { icHere } from '../../../support/ic/icHere';
import { openTestKernel, testEngine } from '../../../support/records/kernel';
import { McpSession } from '../../../support/ic/mcp';
import { argumentsFor } from '../../../support/ic/operationArguments';
import { inLong, IS_LONG } from '../../../support/long';

/** Commands that run until stopped, use state shared by all records, or depend on the version: see the last test. */
const LEFT_OUT = new Set([
  'mcp',
  'lead',
  'portfolio relay',
  'lock acquire',
  'lock release',
  'version',
  'health',
  'needs',
]);
/** Additional columns and tables, as in versions 11 to 39 of Intercore. */
const NEWER = `ALTER TABLE runs ADD COLUMN novelty TEXT DEFAULT 'x'; ALTER TABLE dispatches ADD COLUMN mood INTEGER;
  CREATE TABLE lanes (id TEXT PRIMARY KEY, name TEXT NOT NULL); PRAGMA user_version = 39`;
const OWN_TABLES = [...COMPONENTS.flatMap(({ tables }) => tables.map(({ name }) => name)), 'extension_schema'];
const WITHOUT_OURS = `PRAGMA foreign_keys = OFF; ${OWN_TABLES.map((name) => `DROP TABLE ${name}`).join('; ')}`;

/** Tools whose answer is about the record itself. */
const SAYS_THE_STATE = new Set<string>(['database.reload', 'doctor.run', 'attention.list']);

/** Writing commands that have nothing to write here; they are refused too. */
const WRITES_NOTHING_HERE = [
  ...['init', 'dispatch prune', 'events cursor reset', 'state delete', 'state prune', 'sentinel reset'],
];
const REFUSED =
  /has schema version 39, but this version of Intercore supports 10\.[^]*Update Intercore to write|^DATABASE_NEWER$/;

/** Every second of a list; all in the long run. */
const isTried = (_: unknown, index: number): boolean => IS_LONG || index % 2 === 0;

interface Outcome {
  readonly code: number | string;
  readonly text: string;
  readonly problem: string;
}

describe('on the record of a newer version', function () {
  this.timeout(120_000);
  let folder: string;
  let file: string;
  let names: Readonly<Record<string, string>>;
  let env: Readonly<Record<string, string>>;
  const records = new Map<string, Uint8Array>();

  before(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-newer-')));
    file = path.join(folder, '.clavain', 'intercore.db');
    await mkdir(path.dirname(file));
    await writeFile(path.join(folder, 'prompt.sh'), `touch '${path.join(folder, 'started')}'\n`);
    env = { XDG_STATE_HOME: path.join(folder, 'state'), XDG_RUNTIME_DIR: folder, TMPDIR: folder, HOME: folder };
    const kernel = await openTestKernel();
    const { good, subtask, ...rest } = fillRecord(kernel, folder);
    names = { ...rest, run: good ?? '', subtask: subtask ?? '', kind: 'shell', phase: 'planned', key: 'k' };
    const bytes = kernel.kernel.export();
    records.set('ours', await changed(bytes, ''));
    records.set('newer', await changed(bytes, NEWER));
    records.set('newer, without our tables', await changed(bytes, `${WITHOUT_OURS}; ${NEWER}`));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** The result of an action on a copy of a record, and whether the copy is unchanged. */
  async function on(record: string, step: () => Promise<Outcome>): Promise<Outcome & { readonly isChanged: boolean }> {
    const bytes = records.get(record) ?? new Uint8Array();
    await writeFile(file, bytes);
    const outcome = await step();
    return { ...outcome, isChanged: !(await readFile(file)).equals(bytes) };
  }

  const judge = (
    what: string,
    ours: Outcome & { isChanged: boolean },
    newer: Outcome & { isChanged: boolean },
  ): string[] => {
    const isRefused = REFUSED.test(newer.problem);
    const isSame = newer.code === ours.code && newer.text === ours.text;
    const problem = newer.isChanged
      ? 'changed the record'
      : /internal error|SQL|no such table|no such column/.test(newer.problem)
        ? newer.problem
        : ours.isChanged && !isRefused
          ? `wrote without being refused: ${newer.problem}`
          : !ours.isChanged && !isSame && !isRefused && ours.code === 0
            ? `answered ${newer.code} ${newer.text} ${newer.problem} instead of ${ours.text}`
            : undefined;
    return problem === undefined ? [] : [`${what}: ${problem}`];
  };

  it('each command reads as usual, or reports why it writes nothing', async () => {
    const problems: string[] = [];
    const refused: string[] = [];
    const tried = new Set<string>();
    for (const command of (await allCommands()).filter(isTried)) {
      const line = command.words.join(' ');
      if (LEFT_OUT.has(line)) continue;
      tried.add(line);
      const step = async (): Promise<Outcome> => {
        const { code, stdout, stderr } = await icHere(lineFor(command, names), { cwd: folder, env, input: '1' });
        return { code, text: stdout, problem: stderr };
      };
      const ours = await on('ours', step);
      const newer = await on('newer', step);
      problems.push(...judge(line, ours, newer));
      if (newer.code === 2 && !ours.isChanged && ours.code === 0) refused.push(line);
      if (ours.isChanged || ours.code !== 0) continue;
      const { code, problem, isChanged } = await on('newer, without our tables', step);
      if (isChanged || /internal error|SQL|no such table/.test(problem)) problems.push(`${line}: ${code} ${problem}`);
      // The process of an agent is recorded in a table of ours.
      if (newer.code === 0 && code === 2 && line !== 'dispatch poll') problems.push(`${line}: not read: ${problem}`);
    }
    assert.equal(problems.join('\n'), '');
    assert.deepEqual(
      refused,
      WRITES_NOTHING_HERE.filter((line) => tried.has(line)),
    );
    assert.equal(existsSync(path.join(folder, 'started')), false);
  });

  it('each tool reads as usual, or reports why it writes nothing', async () => {
    const problems: string[] = [];
    const read: string[] = [];
    await writeFile(file, records.get('ours') ?? '');
    const session = await McpSession.open({ cwd: folder, env });
    try {
      for (const operation of TOOL_OPERATIONS.filter(isTried)) {
        const given = operation === 'dispatches.wait' ? { dispatchId: 'none0000' } : {};
        const step = async (): Promise<Outcome> => {
          const outcome = await session.call(toolNameOf(operation), argumentsFor(operation, folder, given, names));
          if ('code' in outcome) return { code: outcome.code, text: '', problem: outcome.code };
          return { code: 0, text: JSON.stringify(outcome.result), problem: '' };
        };
        const ours = await on('ours', step);
        const newer = await on('newer', step);
        if (!SAYS_THE_STATE.has(operation)) problems.push(...judge(operation, ours, newer));
        if (newer.code === 0) read.push(operation);
      }
      const { content } = await session.client.callTool({ name: 'runs_list', arguments: { folder } });
      assert.match(JSON.stringify(content), /schema version 39[^"]* reading only/);
    } finally {
      await session.close();
    }
    assert.equal(problems.join('\n'), '');
    assert.ok(read.length > inLong(10, 20), read.join(' '));
    assert.equal(existsSync(path.join(folder, 'started')), false);
  });

  it('health, needs, a relay, and a leader report it and end', async () => {
    for (const [line, code, answer] of [
      ['version', 0, /schema: v39/],
      ['health', 2, /schema version 39/],
      ['needs', 0, /^Database from a newer version\t[^]*schema version 39/],
      [`portfolio relay ${names['portfolio']}`, 2, /schema version 39/],
      ['lead --once', 1, /schema version 39/],
    ] as const) {
      const step = async (): Promise<Outcome> => {
        const { code, stdout, stderr } = await ic(line.split(' '), { cwd: folder, env });
        return { code, text: `${stdout}${stderr}`, problem: stderr };
      };
      const newer = await on('newer', step);
      assert.deepEqual(
        { code: newer.code, isChanged: newer.isChanged },
        { code, isChanged: false },
        `${line}: ${newer.text}`,
      );
      assert.match(newer.text, answer, line);
    }
  });
});

async function changed(bytes: Uint8Array, sql: string): Promise<Uint8Array> {
  const image = new SqliteImage(await testEngine, bytes.slice());
  image.exec(sql);
  const after = image.export().slice();
  image.close();
  return after;
}
