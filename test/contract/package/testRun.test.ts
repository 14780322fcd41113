/** How the parts of a test run share a machine. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { idleCores, idleShare } from '../../../scripts/test/idleCores';
import { inLanes, type Lanes, type Part } from '../../../scripts/test/lanes';
import { memoryFolder } from '../../../scripts/test/memoryFolder';
import { longestFirst } from '../../../scripts/test/order';
import type { Outcome } from '../../../scripts/test/summary';
import { unlisted } from '../../../scripts/test/unstable';
import { NOTHING } from '../../support/vscode/results';

const GOOD: Outcome = { kind: 'checked', isGood: true };
const BAD: Outcome = { kind: 'broken' };
const lanesOf = (sure: number, most: number, hasRoom = false): Lanes => ({ sure, most, hasRoom: () => hasRoom });

describe('a test run', () => {
  let running: string[];
  /** Which parts were running as each one started, itself among them. */
  let started: string[];
  beforeEach(() => {
    running = [];
    started = [];
  });

  /** A part that runs until others have had their turn. */
  function part(title: string, opensWindows = false, outcomes: readonly Outcome[] = [GOOD]): Part {
    let tries = 0;
    const run = async (): Promise<Outcome> => {
      running.push(title);
      started.push(running.join('+'));
      for (let turns = 0; turns < 5; turns += 1) await turn();
      running.splice(running.indexOf(title), 1);
      tries += 1;
      return outcomes[tries - 1] ?? BAD;
    };
    return { title, opensWindows, secondTry: outcomes.length > 1, run };
  }

  const runAll = (parts: readonly Part[], lanes: Lanes) => inLanes(parts, lanes, () => undefined);

  it('keeps to the sure lanes without room', async () => {
    await runAll([part('a'), part('b'), part('c')], lanesOf(2, 4));
    assert.deepEqual(started.slice(0, 2), ['a', 'a+b']);
    assert.ok(
      started.every((names) => names.split('+').length <= 2),
      started.join(),
    );
  });

  it('uses all lanes while there is room', async () => {
    await runAll([part('a'), part('b'), part('c'), part('d')], lanesOf(1, 3, true));
    assert.deepEqual(started.slice(0, 3), ['a', 'a+b', 'a+b+c']);
    assert.ok(
      started.every((names) => names.split('+').length <= 3),
      started.join(),
    );
  });

  it('starts a window first, and another part beside it', async () => {
    await runAll([part('a'), part('w1', true), part('w2', true)], lanesOf(2, 4));
    assert.deepEqual(started.slice(0, 2), ['w1', 'w1+a']);
  });

  it('opens a second window where there is room, and no third one', async () => {
    const windows = ['w1', 'w2', 'w3'].map((title) => part(title, true));
    await runAll([...windows, part('a')], lanesOf(1, 4, true));
    assert.deepEqual(started.slice(0, 3), ['w1', 'w1+w2', 'w1+w2+a']);
    assert.ok(!started.some((names) => names.includes('w1+w2') && names.includes('w3')), started.join());
  });

  it('opens one window at a time without room', async () => {
    await runAll([part('w1', true), part('w2', true)], lanesOf(2, 4));
    assert.deepEqual(started, ['w1', 'w2']);
  });

  it('tries a failed part again after all others', async () => {
    const shaky = part('shaky', false, [BAD, GOOD]);
    const done = await runAll([shaky, part('a')], lanesOf(2, 2));
    assert.deepEqual(started, ['shaky', 'shaky+a', 'shaky']);
    assert.deepEqual(
      { outcome: done.get(shaky)?.outcome, firstTry: done.get(shaky)?.firstTry },
      { outcome: GOOD, firstTry: BAD },
    );
  });

  describe('of a part that passes at the second try', () => {
    const failed = (...failures: string[]): Outcome => ({
      kind: 'tested',
      results: { ...NOTHING, failed: failures.length, failures },
    });
    const second = (firstTry: Outcome, outcome: Outcome = failed()) => ({ outcome, firstTry, seconds: 1 });

    it('names each failed test that is not in the ledger', () => {
      const firstTry = failed('the board shows cards: timeout', 'the board moves cards: timeout');
      const names = unlisted(second(firstTry), { 'the board moves cards': 'waits for a drag' });
      assert.deepEqual(names, ['the board shows cards: timeout']);
    });

    it('names a first try that broke', () => {
      assert.deepEqual(unlisted(second(BAD), {}), ['the first try broke']);
    });

    it('names none where the second try failed too', () => {
      assert.deepEqual(unlisted(second(failed('a: b'), failed('a: b')), {}), []);
    });
  });

  it('starts with the longest part', () => {
    const titles = longestFirst([part('new'), part('cli nouns/dispatch/shellWrappers'), part('contract')]).map(
      ({ title }) => title,
    );
    assert.deepEqual(titles, ['contract', 'cli nouns/dispatch/shellWrappers', 'new']);
  });

  it('removes temporary folders in memory of runs that were killed', async () => {
    const root = await mkdtemp(path.join(os.tmpdir(), 'in-memory-'));
    const ended = spawnSync(process.execPath, ['--version']).pid;
    await mkdir(path.join(root, `ic-tests-${ended}-a`));
    await mkdir(path.join(root, `ic-tests-${process.pid}-b`));
    const made = memoryFolder(root);
    const left = await readdir(root);
    const isMade = (name: string): boolean => made !== undefined && path.basename(made) === name;
    assert.deepEqual(
      left.filter((name) => !isMade(name)),
      process.platform === 'linux' ? [`ic-tests-${process.pid}-b`] : left,
    );
    await rm(root, { recursive: true });
  });

  it('has room where a core was idle since the last part started', () => {
    const cores = 4;
    const times = [
      { at: 0, idle: 0, all: 0 },
      { at: 1000, idle: 4000, all: 4000 },
      { at: 3000, idle: 0, all: 12_000 },
      { at: 6000, idle: 6000, all: 24_000 },
    ];
    const hasRoom = idleCores(() => times.shift() ?? assert.fail('asked too often'), cores);
    assert.deepEqual([hasRoom(), hasRoom(), hasRoom()], [false, false, true]);
  });

  it('shows which part of the cores was idle', () => {
    const times = [
      { at: 0, idle: 100, all: 200 },
      { at: 1000, idle: 400, all: 1400 },
    ];
    const share = idleShare(() => times.shift() ?? assert.fail('asked too often'));
    assert.equal(share(), 0.25);
  });
});
