/** A window and `ic lead` on one folder: a person hands the tasks over, takes them over, and the window steps in. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import { databasePath } from '../../../src/host/files/paths';
import { leaderOf, type Leader } from '../../../src/services/tasks/leader';
import { IC_SCRIPT } from '../../support/ic/ic';
import { call, openFolder, refuses, withDatabase } from '../../support/extension/window';
import { itLong } from '../../support/long';

describe('a window and ic lead', function () {
  this.timeout(60_000);
  const folder = openFolder();
  const leaders: ChildProcess[] = [];
  let api: IntercoreApi;

  const settings = () => vscode.workspace.getConfiguration('intercore', vscode.Uri.file(folder));
  const useKind = (kind: string | undefined) =>
    settings().update('agents.default', kind, vscode.ConfigurationTarget.Global);

  before(async () => {
    await useKind('shell');
    api = await withDatabase(folder);
    if ((await api.projects.list({ folder })).length === 0) await call('intercore.project.useFolder', { folder });
  });
  after(async () => {
    for (const leader of leaders) await end(leader, 'SIGKILL');
    await useKind(undefined);
  });

  const start = (): ChildProcess => {
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
    const leader = spawn(process.execPath, [IC_SCRIPT, 'lead', folder, '--set=agents.default="shell"'], {
      env,
      stdio: 'ignore',
    });
    leaders.push(leader);
    return leader;
  };
  const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  /** The lock is the only sign of another process. */
  const leads = async (pid: number | undefined): Promise<Leader> => {
    for (;;) {
      const leader = await leaderOf(databasePath(folder));
      if (leader?.pid === pid) return leader ?? assert.fail();
      await delay(50);
    }
  };
  const handOver = () => call('intercore.project.handOver', { folder, confirm: true });
  const takeOver = () => call('intercore.project.takeOver', { folder, confirm: true });

  itLong('hand the tasks of a folder to each other', async () => {
    assert.equal((await leads(process.pid)).program, 'window');
    const leader = start();
    const { leader: next } = (await handOver()) as { leader: Leader | null };
    assert.deepEqual({ program: next?.program, pid: next?.pid }, { program: 'ic lead', pid: leader.pid });
    await refuses('NONE_AVAILABLE', handOver());
    await takeOver();
    assert.equal((await leads(process.pid)).program, 'window');
    await handOver();
    await leads(leader.pid);
    await end(leader, 'SIGTERM');
    await leads(process.pid);
  });

  itLong('step in for each other when one is killed', async () => {
    const leader = start();
    await handOver();
    await leads(leader.pid);
    await end(leader, 'SIGKILL');
    await leads(process.pid);
    assert.deepEqual(await takeOver(), { folder }, 'it leads already');
  });
});
