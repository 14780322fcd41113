/** Events of a night: `ic lead` sleeps, gets a full disk and a changed clock, and is killed. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Task } from '../../../src/kernel/tasks/record/model';
import { leaderLock, leaderOf } from '../../../src/services/tasks/leader';
import { Disk } from '../../support/hostile/disk';
import { ic, IC_SCRIPT } from '../../support/ic/ic';
import { itLong } from '../../support/long';
import { endLeader, leaderEnvironment, leaderSettings, untilLeads } from '../../support/tasks/killedLeaders';
import { until } from '../../support/until';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../support/tasks/taskFixture';

/** Shifts the clock of a process by the milliseconds in a file. */
const CLOCK = `
const { readFileSync } = require('node:fs');
const real = Date.now;
const shift = () => { try { return Number(readFileSync(process.env.CLOCK_SHIFT, 'utf8')); } catch { return 0; } };
Date.now = () => real() + shift();`;

describe('ic lead', function () {
  this.timeout(180_000);
  let fixture: TaskFixture;
  let task: Task;
  let disk: Disk | undefined;
  const leaders: ChildProcess[] = [];
  const at = (name: string): string => path.join(fixture.stage.root, name);

  const start = async (...args: string[]): Promise<{ leader: ChildProcess; log: () => string }> => {
    await writeFile(at('clock.cjs'), CLOCK);
    const words = ['--require', at('clock.cjs'), IC_SCRIPT, 'lead', ...leaderSettings(fixture), ...args];
    const leader = spawn(process.execPath, words, {
      cwd: fixture.stage.project,
      env: { ...leaderEnvironment(fixture), CLOCK_SHIFT: at('shift') },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    leaders.push(leader);
    let text = '';
    leader.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    return { leader, log: () => text };
  };
  const begin = async (): Promise<void> => {
    const wait = `touch ${at('at-work')}; until [ -e ${at('go')} ]; do sleep 0.05; done`;
    await fixture.agents(SINGLE_PLANNER, `echo start >> ${at('starts')}; ${wait}\n${GOOD_WORKER}`);
    const args = ['task', 'create', '--title=Late parcels', '--body-file=-', '--auto-start', '--json'];
    const { stdout } = await ic(args, {
      cwd: fixture.stage.project,
      env: leaderEnvironment(fixture),
      input: 'Tell people.',
    });
    await fixture.kernel.refresh();
    task = fixture.read(JSON.parse(stdout) as Task).task;
  };
  const isAtWork = (): Promise<void> =>
    until(() => Promise.resolve(existsSync(at('at-work'))), Boolean).then(() => undefined);
  const go = (): Promise<void> => writeFile(at('go'), '');
  const isBuilt = (): Promise<void> =>
    fixture.when('built', () => fixture.read(task).subtasks[0]?.status === 'COMPLETED');
  const attempts = () => fixture.attempts(task, fixture.read(task).subtasks[0]?.id);
  /** Waits until its dispatch is recorded with its process. */
  const isFollowed = (log: () => string): Promise<unknown> =>
    until(
      () => Promise.resolve(log()),
      (text) => text.split('event="dispatch started"').length > 2,
    );
  const noErrors = (log: string): void => assert.doesNotMatch(log, /level=error|\n\s+at /, log);

  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(async () => {
    for (const child of leaders.splice(0)) await endLeader(child, 'SIGKILL');
    disk?.unmount();
    disk = undefined;
    await fixture.close();
  });

  itLong('starts no agent twice if it sleeps past its lease, is killed, or its clock changes', async () => {
    await begin();
    const first = await start();
    await untilLeads(fixture, first.leader.pid);
    await isFollowed(first.log);
    const second = await start();
    // Its lease looks as if it had slept for an hour.
    first.leader.kill('SIGSTOP');
    const lock = `${leaderLock(fixture.kernel.path)}.lock`;
    const hourAgo = new Date(Date.now() - 3_600_000);
    for (const name of await readdir(lock)) await utimes(path.join(lock, name), hourAgo, hourAgo);
    await untilLeads(fixture, second.leader.pid);
    first.leader.kill('SIGCONT');
    await until(
      () => Promise.resolve(first.log()),
      (log) => log.includes('event="another program leads"'),
    );
    // A day forward, and back.
    for (const shift of [86_400_000, 0]) {
      await writeFile(at('shift'), String(shift));
      await delay(2500);
      assert.equal((await leaderOf(fixture.kernel.path))?.pid, second.leader.pid);
    }
    await endLeader(second.leader, 'SIGKILL');
    await untilLeads(fixture, first.leader.pid);
    await go();
    await isBuilt();
    assert.equal(attempts().length, 1);
    await endLeader(first.leader, 'SIGTERM');
    assert.equal(first.leader.exitCode, 0);
    noErrors(first.log() + second.log());
  });

  itLong('reports that it was stopped early, and continues after the folder was moved away and back', async () => {
    await begin();
    const stopped = await start('--once');
    await isAtWork();
    await isFollowed(stopped.log);
    await endLeader(stopped.leader, 'SIGTERM');
    assert.equal(stopped.leader.exitCode, 1);
    assert.match(stopped.log(), /event="stopped before everything was done"/);

    const { leader, log } = await start();
    await untilLeads(fixture, leader.pid);
    await rename(fixture.stage.project, at('moved'));
    const says = (event: string): Promise<unknown> =>
      until(
        () => Promise.resolve(log()),
        (text) => text.includes(`event="${event}"`),
      );
    await says('record cannot be used');
    await rename(at('moved'), fixture.stage.project);
    await says('record can be used again');
    await go();
    await isBuilt();
    assert.equal(attempts().length, 1);
    await endLeader(leader, 'SIGTERM');
    assert.equal(leader.exitCode, 0);
  });

  itLong('logs that the disk is full, loses nothing, and continues when there is room', async function () {
    const folder = path.join(fixture.stage.project, '.clavain');
    disk = Disk.mountOver(folder) ?? this.skip();
    await fixture.kernel.refresh();
    await begin();
    const { leader, log } = await start();
    await isAtWork();
    const filler = path.join(folder, 'filler');
    for (let round = 0; round < 5; round += 1) {
      await appendFile(filler, Buffer.alloc(1 << 20)).catch(() => undefined);
      await delay(50);
    }
    await go();
    await until(
      () => Promise.resolve(log()),
      (text) => /level=(warning|error).*(full|no space)/i.test(text),
    );
    await rm(filler);
    await isBuilt();
    await endLeader(leader, 'SIGTERM');
    assert.equal(leader.exitCode, 0);
  });
});
