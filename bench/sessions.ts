/**
 * What sessions cost while their agents wait: memory and CPU of 50 hosts, and how long an answer takes from the program
 * that gives it to the agent, and a request from the agent to a program that reads the state. The hosts are those that
 * ship, bundled.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { proven, readStarted } from '../src/host/launcher/launchRecord';
import { readSessionState } from '../src/host/session/files/sessionFiles';
import { HostedSession, ASKING } from '../test/support/sessions/hostedSession';
import { projectRoot } from '../tools/project';
import { ms, percentile, printTable } from './statistics';

const SESSIONS = 50;
/** Node tidies its memory up for some seconds after a start. */
const SETTLE_SECONDS = 15;
const IDLE_SECONDS = 20;
const LOOK_MS = 2;
const HOST = path.join(projectRoot(), 'dist', 'session-host.js');

const ask = { ask: { kind: 'execute', title: 'npm test', rawInput: { command: 'npm test' } } };

export async function measureSessions(): Promise<void> {
  const sessions: HostedSession[] = [];
  try {
    for (let n = 0; n < SESSIONS; n += 1) {
      sessions.push(await HostedSession.start({ ...ASKING, turns: [[ask, ask, { say: 'done' }]] }, {}, HOST));
    }
    for (const session of sessions) await session.request();
    const pids = await Promise.all(sessions.map(hostPid));
    const memory = await Promise.all(pids.map(privateKilobytes));
    await delay(SETTLE_SECONDS * 1000);
    const before = await Promise.all(pids.map(cpuTicks));
    await delay(IDLE_SECONDS * 1000);
    const after = await Promise.all(pids.map(cpuTicks));
    const ticks = after.reduce((sum, value, index) => sum + value - (before[index] ?? 0), 0);
    const answered: number[] = [];
    for (const session of sessions) answered.push(await answerMs(session));
    printTable(
      [`${SESSIONS} sessions that wait`, 'median', 'p95', 'most'],
      [
        ['memory of a host alone, MB', ...spreadOf(memory.map((kilobytes) => kilobytes / 1000))],
        ['from an answer to the next request of the agent in the state, ms', ...spreadOf(answered)],
      ],
    );
    console.log(`CPU of all hosts while they wait: ${(ticks / IDLE_SECONDS).toFixed(1)} % of one core`);
  } finally {
    for (const session of sessions) await session.dispose();
  }
}

function spreadOf(values: readonly number[]): string[] {
  return [percentile(values, 50), percentile(values, 95), Math.max(...values)].map(ms);
}

/** Until the second request is in the state: the way of the answer to the agent, and that of the request back. */
async function answerMs(session: HostedSession): Promise<number> {
  const startedMs = performance.now();
  await session.give({ kind: 'answer', number: 1, answer: 'allow', by: 'bench' });
  for (;;) {
    const state = await readSessionState(session.files);
    if (state?.requests[0]?.number === 2) return performance.now() - startedMs;
    await delay(LOOK_MS);
  }
}

async function hostPid(session: HostedSession): Promise<number> {
  const started = proven(await readStarted(session.files));
  if (started === undefined) throw new Error('a host left no record');
  return started.launcher.pid;
}

/** Private memory: what the host adds to those that run already. */
async function privateKilobytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const parts = [...text.matchAll(/^Private_\w+:\s+(\d+) kB/gm)].map((match) => Number(match[1]));
  return parts.reduce((sum, part) => sum + part, 0);
}

/** Of user and system together, in hundredths of a second. */
async function cpuTicks(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

if (require.main === module) {
  measureSessions().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
