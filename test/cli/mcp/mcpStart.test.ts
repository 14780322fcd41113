/** `ic mcp` is not a leader: starting it changes no row and no file, and sends no signal. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { signalReaches } from '../../../src/host/locks/signalReach';
import { Canaries } from '../../security/canaries';
import { IcProject } from '../../support/records/icProject';
import { McpSession } from '../../support/ic/mcp';
import { itLong } from '../../support/long';
import { sqlite3 } from '../../support/records/sqlite3';
import { until } from '../../support/until';

/** Longer than a server took to update rows when it still did. */
const SETTLING_MS = 1500;

const row = z.object({ id: z.string(), status: z.string(), exitCode: z.number().nullable() });

describe('starting ic mcp', function () {
  this.timeout(60_000);
  let project: IcProject;
  let canaries: Canaries;
  let living: string;
  let ended: string;
  const sessions: McpSession[] = [];

  const open = async (): Promise<McpSession> => {
    const session = await McpSession.open({ cwd: project.folder, env: project.env });
    sessions.push(session);
    return session;
  };
  const spawn = async (name: string, script: string): Promise<string> => {
    const prompt = await project.write(`${name}.sh`, `${script}\n`);
    return await project.ok('dispatch', 'spawn', '--type=shell', `--prompt-file=${prompt}`);
  };
  const pidOf = async (id: string): Promise<number> =>
    Number(await sqlite3(project.database, `SELECT pid FROM dispatches WHERE id = '${id}'`));
  const gone = async (id: string): Promise<unknown> => {
    const pid = await pidOf(id);
    return await until(
      () => Promise.resolve(signalReaches(pid)),
      (isThere) => !isThere,
    );
  };
  const state = async (): Promise<unknown> => [
    await readFile(project.database),
    await project.rows('SELECT id, status, exit_code FROM dispatches ORDER BY id'),
    (await readdir(project.at('state/intercore/dispatches'), { recursive: true })).sort(),
  ];

  beforeEach(async function () {
    if (process.platform === 'win32') this.skip();
    project = await IcProject.open();
    canaries = await Canaries.create(project.at('canaries'));
    living = await spawn('living', `until test -e '${project.at('stop')}'; do echo more; sleep 0.2; done`);
    ended = await spawn('ended', 'sleep 1; exit 3');
    await gone(ended);
    assert.deepEqual(await project.rows(`SELECT status FROM dispatches WHERE id = '${ended}'`), ['running']);
    const columns = 'id, agent_type, project_dir, status, pid, created_at, started_at, timeout_sec';
    const token = await canaries.startToken();
    for (const [id, claimed] of Object.entries({ crafted1: canaries.pid, crafted2: 1, crafted3: 4_194_000 })) {
      await sqlite3(
        project.database,
        `INSERT INTO dispatches (${columns}) VALUES ('${id}', 'shell', '${project.folder}', 'running', ${claimed}, 1, 1, 1);
         INSERT INTO dispatch_processes (dispatch_id, argv, cwd, log_file, exit_file, start_token, host)
         SELECT '${id}', argv, cwd, '${canaries.secret}', '${canaries.secret}', '${token}', host
         FROM dispatch_processes WHERE dispatch_id = '${ended}';`,
      );
    }
  });
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()));
    await project.write('stop', '');
    await gone(living);
    await canaries.close();
    await project.close();
  });

  it('changes no row, ends no process and writes no file, whatever is in the record', async () => {
    const before = await state();
    const session = await open();
    await session.client.listTools();
    await session.client.listResources();
    await delay(SETTLING_MS);
    assert.deepEqual(await state(), before);
    assert.ok(signalReaches(await pidOf(living)));
    await canaries.check();
  });

  it('still answers with the correct status of agents that this user has started', async () => {
    const session = await open();
    const { status, exitCode } = await session.ok(row, 'dispatches_get', { dispatchId: ended });
    assert.deepEqual({ status, exitCode }, { status: 'failed', exitCode: 3 });
    for (const id of [living, 'crafted1', 'crafted2', 'crafted3']) {
      assert.equal((await session.ok(row, 'dispatches_get', { dispatchId: id })).status, 'running', id);
    }
    assert.ok(signalReaches(await pidOf(living)));
    await canaries.check();
  });

  itLong('still answers a wait for an agent that it did not start', async () => {
    const session = await open();
    const waiting = session.ok(row, 'dispatches_wait', { dispatchId: living });
    await project.write('stop', '');
    assert.equal((await waiting).status, 'completed');
  });

  it('still sends notifications for a log that grows', async () => {
    const session = await open();
    const updated = new Promise<string>((resolve) => {
      session.client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => resolve(params.uri));
    });
    const uri = `intercore://dispatches/${living}/log`;
    await session.client.subscribeResource({ uri });
    assert.equal(await updated, uri);
  });
});
