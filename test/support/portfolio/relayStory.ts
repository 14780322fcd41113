/**
 * What must hold of a portfolio whatever its children do and however often its relays are killed: every event of a
 * child is relayed once and in order, with an event for every edge, and the mirrors match the children.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { childrenOf, listDependencies } from '../../../src/kernel/portfolio/service';
import { isTerminal } from '../../../src/kernel/run/record/machine';
import type { PhaseEvent, Run } from '../../../src/kernel/run/record/model';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { skipPhase } from '../../../src/kernel/run/skip';
import { rollbackRun } from '../../../src/kernel/run/rollback';
import { advanceRun } from '../../../src/kernel/run/advance';
import { setRun } from '../../../src/kernel/run/record/runs';
import { getRun, phaseEvents } from '../../../src/kernel/run/record/queries';
import type { Unit } from '../../../src/kernel/unit';
import { IC_SCRIPT } from '../ic/ic';
import type { Projects } from '../projects';
import { RelayFixture } from './relayFixture';

const MOVES = ['advance', 'advance', 'advance', 'pause', 'rollback', 'skip', 'set', 'cancel'] as const;
const LONGEST_LIFE_MS = 80;

/** Projects and their dependencies by number, an edge going from the lower; and what happens, in groups. */
export interface RelayStory {
  readonly projects: number;
  readonly edges: readonly (readonly [number, number])[];
  /** The relay process is killed and started again during each group. */
  readonly groups: readonly (readonly { readonly project: number; readonly move: (typeof MOVES)[number] }[])[];
}

const move = fc.record({ project: fc.nat(), move: fc.constantFrom(...MOVES) });

/** Stories of so many kills. */
export function relayStories(kills: number): fc.Arbitrary<RelayStory> {
  return fc.record({
    projects: fc.integer({ min: 2, max: 5 }),
    edges: fc.uniqueArray(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 4 })), {
      maxLength: 6,
      selector: ([from, by]) => `${from}:${by}`,
    }),
    groups: fc.array(fc.array(move, { minLength: 1, maxLength: 8 }), { minLength: kills, maxLength: kills }),
  });
}

/** Plays a story beside two relays, one of them an `ic` process that is killed in every group, and checks its end. */
export async function playRelayStory(
  projects: Projects,
  { projects: count, edges, groups }: RelayStory,
): Promise<void> {
  const names = Array.from({ length: count }, (_, at) => `project${at}`);
  const name = (at: number): string => names[at % count] ?? '';
  const forward = edges.filter(([from, by]) => from + by < count);
  const fixture = await RelayFixture.create(
    projects,
    names,
    forward.map(([from, by]) => [name(from), name(from + by)]),
  );
  const stopping = new AbortController();
  const failures: unknown[] = [];
  const survivor = fixture.relay().run(5, stopping.signal, (error) => failures.push(error));
  for (const group of groups) {
    const victim = await startRelay(fixture);
    const killed = delay(randomInt(LONGEST_LIFE_MS)).then(() => kill(victim));
    for (const { project, move: made } of group) await make(fixture, name(project), made);
    await killed;
  }
  stopping.abort();
  await survivor;
  assert.deepEqual(failures, []);
  await fixture.relay().cycle();
  await checkRelayed(fixture, names);
}

/** A real `ic portfolio relay` that has started. */
async function startRelay(fixture: RelayFixture): Promise<ChildProcess> {
  const args = [IC_SCRIPT, '--db=.clavain/portfolio.db', 'portfolio', 'relay', fixture.portfolioId, '--interval=5ms'];
  const cwd = fixture.workspace.folder;
  const child = spawn(process.execPath, args, { cwd, env: { PWD: cwd }, stdio: ['ignore', 'ignore', 'pipe'] });
  const [said] = (await once(child.stderr, 'data')) as [Buffer];
  assert.match(said.toString('utf8'), /^\[relay\] starting/);
  child.stderr.resume();
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Moves a child in its own database, if it can still be moved so. */
async function make(fixture: RelayFixture, name: string, made: (typeof MOVES)[number]): Promise<void> {
  const kernel = await fixture.project(name);
  fixture.clock.advance(1);
  await kernel.write((u) => {
    const run = getRun(u, fixture.childId(name));
    if (!isTerminal(run.status)) step(u, run, made);
  });
}

function step(u: Unit, run: Run, made: (typeof MOVES)[number]): void {
  const at = run.phases.indexOf(run.phase);
  const [before, next] = [run.phases[at - 1], run.phases[at + 2]];
  switch (made) {
    case 'advance':
      advanceRun(u, run.id, { tier: 'none', skipReason: 'story' });
      return;
    case 'pause':
      setRun(u, run.id, { autoAdvance: false });
      advanceRun(u, run.id, { tier: 'none' });
      return;
    case 'rollback':
      if (before !== undefined) rollbackRun(u, run.id, { toPhase: before });
      return;
    case 'skip':
      if (next !== undefined) skipPhase(u, run.id, { phase: next, reason: 'story' });
      return;
    case 'set':
      setRun(u, run.id, { complexity: 1 + (at % 5) });
      return;
    case 'cancel':
      // Rare, so that most children live on.
      if (at > 5) cancelRun(u, run.id);
  }
}

const RELAYED_AS: Readonly<Record<string, string>> = {
  cancel: 'child_cancelled',
  block: 'child_blocked',
  pause: 'child_blocked',
  rollback: 'child_rolledback',
};

/** Compares the portfolio with the databases of its children, all read again. */
export async function checkRelayed(fixture: RelayFixture, names: readonly string[]): Promise<void> {
  const { kernel } = await fixture.otherHome();
  const relayed = kernel.read((r) => phaseEvents(r, fixture.portfolioId));
  const edges = kernel.read((r) => listDependencies(r, fixture.portfolioId));
  const mirrors = kernel.read((r) => childrenOf(r, fixture.portfolioId));
  const line = ({ fromPhase, toPhase }: PhaseEvent, type: string): string => `${type} ${fromPhase}→${toPhase}`;
  let total = 0;
  for (const name of names) {
    const folder = fixture.at(name);
    const own = (await fixture.project(name)).read((r) => phaseEvents(r, fixture.childId(name)));
    const expected = own.map((event) => line(event, RELAYED_AS[event.type] ?? 'child_advanced'));
    const actual = relayed.filter(({ reason }) => reason === `relay:${folder}`).map((event) => line(event, event.type));
    assert.deepEqual(actual, expected, name);
    total += own.length * (1 + edges.filter(({ upstream }) => upstream === folder).length);
    const run = (await fixture.project(name)).read((r) => getRun(r, fixture.childId(name)));
    const mirror = mirrors.find(({ projectDir }) => projectDir === folder);
    assert.deepEqual({ phase: mirror?.phase, status: mirror?.status }, { phase: run.phase, status: run.status }, name);
  }
  assert.equal(relayed.length, total);
}
