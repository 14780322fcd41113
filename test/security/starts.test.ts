/**
 * Every command line and every tool, used on hostile folders: enumerated from the declarations, so that a new one is tried
 * as soon as it is declared. None starts what the folder brought along.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CliCommand } from '../../src/cli/command/command';
import { allCommands } from '../../src/cli/table';
import { SURFACES, TOOL_OPERATIONS, toolNameOf } from '../../src/contract/surfaces/surfaces';
import { databasePath } from '../../src/host/files/paths';
import { enqueue } from '../../src/kernel/queue/service';
import { dispatchId } from '../../src/kernel/ids';
import { ic, type IcResult } from '../support/ic/ic';
import { icHere } from '../support/ic/icHere';
import { argumentsFor } from '../support/ic/operationArguments';
import { McpSession } from '../support/ic/mcp';
import { Projects } from '../support/projects';
import { sqlite3 } from '../support/records/sqlite3';
import { Canaries } from './canaries';
import { CORPUS, makeHostileFolder } from './corpus';

const OTHER = 54_321;
/** A record of crafted rows, hooks, settings and tool servers. */
const FOLDER = 'hooks-and-settings';
const AGENTS = 'SELECT count(*) FROM dispatches';

/** By the words of usage lines. */
const OPERANDS: Readonly<Record<string, string>> = {
  run: 'run00001',
  dispatch: 'queued01',
  portfolio: 'parent01',
  project: 'project2',
  task: 'task0002',
  subtask: '0002sub3',
  phase: 'planned',
  agent: 'agent001',
  kind: 'shell',
  url: 'https://127.0.0.1:1/owner/name',
};

/** Command lines that wait until they are stopped, which no test can see through. */
const ENDLESS = new Set(['portfolio relay']);
/** Command lines that end once nothing is left to do only with an option. */
const ENDED_BY: Readonly<Record<string, string>> = { lead: '--once' };
/** Command lines that open no record. */
const WITHOUT_RECORD = new Set([
  ...['version', 'help', 'completion', 'doctor', 'gate rules', 'compat status', 'compat check'],
  ...[
    'agent list',
    'agent add',
    'agent remove',
    'agent allow',
    'agent revoke',
    'agent held',
    'agent resume',
    'agent pause',
    'lead status',
    'hooks list',
    'hooks allow',
    'hooks revoke',
  ],
  ...['trust add', 'trust remove', 'lock acquire', 'lock release', 'lock list', 'lock stale', 'lock clean'],
]);

/** Command lines by which a user decides: each has a home of its own, and the others share one where nothing is decided. */
const DECIDES = /^(agent|hooks|trust)\b/;

/** Command lines that run programs for long, or end what is of the whole machine: each in a process of its own. */
const OWN_PROCESS = /^(lead|mcp|doctor|lock)\b/;

describe('what a hostile folder brought along is not started', function () {
  this.timeout(300_000);
  const projects = Projects.ofSuite();
  let root: string;
  let canaries: Canaries;

  before(async function () {
    if (process.platform === 'win32') this.skip();
    root = await realpath(await mkdtemp(path.join(tmpdir(), 'intercore-starts-')));
    canaries = await Canaries.create(path.join(root, 'canaries'));
  });
  after(async () => {
    await canaries.close();
    await rm(root, { recursive: true, force: true });
  });

  async function folderOf(name: string, parent: string): Promise<string> {
    const hostile = CORPUS.find((candidate) => candidate.name === name);
    assert.ok(hostile !== undefined);
    return await makeHostileFolder(hostile, path.join(root, parent), canaries);
  }

  /** What this user has decided so far: nothing. */
  async function untouched(name: string): Promise<Readonly<Record<string, string>>> {
    const home = path.join(root, 'homes', name);
    await mkdir(home, { recursive: true });
    return { HOME: home, XDG_STATE_HOME: path.join(home, 'state') };
  }

  function argvOf({ words, operands = '' }: CliCommand): string[] {
    const names = [...operands.matchAll(/<(\w+)>/g)].map(([, name = '']) => name);
    const ending = ENDED_BY[words.join(' ')];
    const ended = ending === undefined ? [] : [ending];
    return [...words, ...names.flatMap((name) => (name === 'folder' ? [] : [OPERANDS[name] ?? 'x'])), ...ended];
  }

  /** Runs a command line with what is needed of its operands, for a user who has decided nothing. */
  async function runIn(folder: string, command: CliCommand, home: string): Promise<IcResult> {
    const line = command.words.join(' ');
    const env = await untouched(DECIDES.test(line) ? `${home} ${line}` : home);
    const options = { cwd: folder, env, input: '' };
    const isApart = OWN_PROCESS.test(line);
    return isApart ? await ic(argvOf(command), options) : await icHere(argvOf(command), options);
  }

  it('by any command line of ic', async () => {
    const folder = await folderOf(FOLDER, 'ic');
    const record = await readFile(databasePath(folder));
    const agents = await sqlite3(databasePath(folder), AGENTS);
    for (const command of await allCommands()) {
      const line = command.words.join(' ');
      if (ENDLESS.has(line)) continue;
      const { stderr } = await runIn(folder, command, 'ic');
      assert.ok(!/\n\s+at /.test(stderr), `${line}: ${stderr}`);
      await canaries.check();
      const isWritten =
        existsSync(`${databasePath(folder)}-wal`) || !(await readFile(databasePath(folder))).equals(record);
      if (!isWritten) continue;
      assert.equal(await sqlite3(databasePath(folder), AGENTS), agents, `${line} started an agent`);
      await writeFile(databasePath(folder), record);
    }
  });

  it('by any tool of ic mcp', async () => {
    const folder = await folderOf(FOLDER, 'mcp');
    const agents = await sqlite3(databasePath(folder), AGENTS);
    const session = await McpSession.open({ cwd: folder, env: await untouched('mcp') });
    try {
      for (const operation of TOOL_OPERATIONS) {
        // A person must have allowed a kind; and a wait for what does not end would not end.
        const kind = { kind: 'claude' };
        const given = operation === 'dispatches.wait' ? { dispatchId: 'none0000' } : startsKind(operation) ? kind : {};
        const outcome = await session.call(toolNameOf(operation), argumentsFor(operation, folder, given));
        if (startsKind(operation)) assert.deepEqual(outcome, { code: 'AGENT_NOT_ALLOWED' }, operation);
        assert.equal(await sqlite3(databasePath(folder), AGENTS), agents, `${operation} started an agent`);
        await canaries.check();
      }
    } finally {
      await session.close();
    }
  });

  const startsKind = (operation: (typeof TOOL_OPERATIONS)[number]): boolean =>
    SURFACES[operation].effect === 'start' && ['dispatches.start', 'dispatches.queue'].includes(operation);

  it('by a client or an agent that starts a queued dispatch of its record, though its prompt is inside', async () => {
    const folder = await projects.folder();
    const kernel = projects.kernel(folder);
    await kernel.initialize();
    const prompt = path.join(folder, 'prompt.sh');
    await writeFile(prompt, `touch '${path.join(folder, 'pwned')}'\n`);
    const id = dispatchId.parse('cccccccc');
    await kernel.write((u) => {
      const request = { kind: 'shell', prompt: { file: prompt } };
      enqueue(u, { id, projectDir: folder, request, queuedAtMs: Date.now() });
    });
    const env = await untouched('queued');
    const session = await McpSession.open({ cwd: folder, env });
    try {
      assert.deepEqual(await session.call('dispatches_startQueued', { dispatchId: id }), { code: 'PERSON_DECIDES' });
    } finally {
      await session.close();
    }
    const agent = { ...env, INTERCORE_DISPATCH_ID: 'dddddddd', INTERCORE_DB: databasePath(folder) };
    const { code, stderr } = await ic(['dispatch', 'queue', 'start', id], { cwd: folder, env: agent });
    assert.equal(code, 1, stderr);
    assert.equal(await sqlite3(databasePath(folder), AGENTS), '0');
    const drained = await ic(['dispatch', 'queue', 'start'], { cwd: folder, env });
    assert.deepEqual({ code: drained.code, stdout: drained.stdout }, { code: 0, stdout: '' });
    assert.equal(await sqlite3(databasePath(folder), AGENTS), '0');
  });

  it('and no command line opens the record of another user', async function () {
    if (process.geteuid?.() !== 0) return this.skip();
    const folder = await folderOf(FOLDER, 'others');
    await chown(databasePath(folder), OTHER, OTHER);
    const record = await readFile(databasePath(folder));
    const opened: string[] = [];
    for (const command of await allCommands()) {
      const line = command.words.join(' ');
      if (WITHOUT_RECORD.has(line)) continue;
      const { code, stderr } = await runIn(folder, command, 'other');
      // A usage error is found before a record is opened.
      if (code !== 3 && !/belongs to another user, 54321/.test(stderr)) opened.push(`${line}: ${code} ${stderr}`);
    }
    assert.deepEqual(opened, []);
    assert.deepEqual(await readFile(databasePath(folder)), record);
    await canaries.check();
  });
});
