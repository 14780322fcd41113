/** `ic lead`, killed or suspended at random moments, and a person who merges what is completed. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { leaderOf } from '../../../src/services/tasks/leader';
import { PATIENCE_MS } from '../dispatch/dispatchFixture';
import { ic, IC_SCRIPT } from '../ic/ic';
import { failed, type LaneProgram } from './taskLane';
import type { TaskFixture } from './taskFixture';

const LONGEST_LIFE_MS = 3000;

/** What `ic lead` is run with on a stage: agents that are shell scripts, and a state of its own. */
export function leaderSettings({ settings }: TaskFixture): string[] {
  const given = {
    'agents.default': 'shell',
    'tasks.plannerPrompt': settings.plannerPrompt,
    'tasks.workerPrompt': settings.workerPrompt,
  };
  return Object.entries(given).map(([name, value]) => `--set=${name}=${JSON.stringify(value)}`);
}

export function leaderEnvironment({ stage }: TaskFixture): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: stage.home, XDG_STATE_HOME: path.join(stage.root, 'state') };
}

export function startLeader(fixture: TaskFixture, ...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [IC_SCRIPT, 'lead', ...leaderSettings(fixture), ...args], {
    cwd: fixture.stage.project,
    env: leaderEnvironment(fixture),
    stdio: 'ignore',
  });
}

/** How it ended, at once where it has. */
export async function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? child.signalCode ?? 0;
}

export async function endLeader(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  await endOf(child);
}

/** Resolves once this process leads, by the lock, which is all that can be seen of it. */
export async function untilLeads({ kernel }: TaskFixture, pid: number | undefined): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  while ((await leaderOf(kernel.path))?.pid !== pid) {
    assert.ok(Date.now() < until, `process ${pid} never came to lead`);
    await delay(50);
  }
}

export class KilledLeaders implements LaneProgram {
  /** @param sleeps one of how many is suspended until another has taken over, and wakes; 0 for none */
  constructor(private readonly sleeps = 0) {}

  async live(fixture: TaskFixture, kill?: number): Promise<boolean> {
    for (;;) {
      const leader = startLeader(fixture, '--once', '--allow-tasks');
      const end = await this.endedOrKilled(fixture, leader, kill);
      if (end === 'SIGKILL') return true;
      if (end !== 0 && end !== 1) await failed(fixture, `ic lead ended with ${end}`);
      await fixture.kernel.refresh();
      if (isDone(fixture)) {
        assert.equal(end, 0, 'nothing needs a person');
        return false;
      }
      await mergeCompleted(fixture, end);
    }
  }

  private async endedOrKilled(
    fixture: TaskFixture,
    leader: ChildProcess,
    kill: number | undefined,
  ): Promise<number | NodeJS.Signals> {
    if (kill === undefined) return await endOf(leader);
    await Promise.race([endOf(leader), delay(randomInt(LONGEST_LIFE_MS))]);
    if (leader.exitCode !== null) return leader.exitCode;
    if (this.sleeps > 0 && kill % this.sleeps === 0) await sleptThrough(fixture, leader);
    await endLeader(leader, 'SIGKILL');
    return 'SIGKILL';
  }
}

/** The leader sleeps until another one has taken over, wakes, and both die. */
async function sleptThrough(fixture: TaskFixture, leader: ChildProcess): Promise<void> {
  leader.kill('SIGSTOP');
  const other = startLeader(fixture, '--once', '--allow-tasks');
  try {
    await Promise.race([untilLeads(fixture, other.pid), endOf(other)]);
    leader.kill('SIGCONT');
    await Promise.race([endOf(leader), delay(randomInt(LONGEST_LIFE_MS))]);
  } finally {
    await endLeader(other, 'SIGKILL');
  }
}

function isDone({ kernel }: TaskFixture): boolean {
  return kernel.read((r) => r.db.rows("SELECT id FROM tasks WHERE status <> 'DONE'", [])).length === 0;
}

async function mergeCompleted(fixture: TaskFixture, end: number | NodeJS.Signals): Promise<void> {
  const { kernel, stage } = fixture;
  const completed = kernel.read((r) => r.db.rows("SELECT id FROM subtasks WHERE status = 'COMPLETED'", []));
  if (completed.length === 0) await failed(fixture, `ic lead ended with ${end}, and nothing waits to be merged`);
  for (const { id } of completed) {
    const args = ['subtask', 'merge', String(id)];
    const merged = await ic(args, { cwd: stage.project, env: leaderEnvironment(fixture) });
    if (merged.code !== 0) await failed(fixture, `ic ${args.join(' ')}: ${merged.stderr}`);
  }
  await kernel.refresh();
}
