/** Held accounts as a program follows them: by which kinds they are used, and when they are free again. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AgentKind } from '../../../../src/contract/agentKinds';
import { AccountHolds, type AccountHold } from '../../../../src/host/state/accountHolds';
import { silentLog } from '../../../../src/host/log';
import { KernelError } from '../../../../src/kernel/errors/errors';
import {
  HeldAccounts,
  pauseAccounts,
  resumeAccounts,
  untilNextMinute,
  type Released,
} from '../../../../src/services/dispatch/context/heldAccounts';
import { until } from '../../../support/until';

const KIND: AgentKind = { name: 'claude', command: 'claude', args: [], promptBy: 'stdin', parser: 'claude' };
const KINDS: readonly AgentKind[] = [KIND, { ...KIND, name: 'slow' }, { ...KIND, name: 'other', command: 'other' }];
const ACCOUNT = 'a'.repeat(32);
const START_MS = Date.parse('2026-01-01T00:00:00Z');
const HOUR_MS = 3_600_000;

describe('held accounts', function () {
  this.timeout(30_000);
  let root: string;
  let nowMs: number;
  let accounts: AccountHolds;
  let held: HeldAccounts;
  let released: Released[];
  let changes: number;

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'held-'));
    nowMs = START_MS;
    accounts = new AccountHolds(path.join(root, 'accounts'));
    held = new HeldAccounts({
      accounts,
      kinds: () => KINDS,
      accountOf: ({ command }) => Promise.resolve(command === 'claude' ? ACCOUNT : 'b'.repeat(32)),
      clock: { nowMs: () => nowMs },
      log: silentLog,
    });
    released = [];
    changes = 0;
    held.onDidRelease((each) => released.push(each));
    held.onDidChange(() => (changes += 1));
  });
  afterEach(async () => {
    held.dispose();
    await rm(root, { recursive: true });
  });

  const hold = (more: Partial<AccountHold> = {}): AccountHold => {
    const usual = { account: ACCOUNT, kind: 'claude', reason: 'session limit', sinceMs: START_MS, tries: 1 };
    return { ...usual, untilMs: START_MS + HOUR_MS, ...more };
  };
  const look = async () => {
    held.look();
    await held.settled();
  };
  const whenChanged = (isSo: () => boolean) =>
    until(
      () => Promise.resolve(isSo()),
      (so) => so,
    );

  it('are known by every kind that uses them, as soon as another program holds them', async () => {
    await held.settled();
    assert.equal(changes, 0);
    accounts.set(hold());
    await whenChanged(() => held.kinds.size > 0);
    assert.deepEqual([...held.kinds.keys()], ['claude', 'slow']);
    assert.equal(held.kinds.get('slow')?.untilMs, START_MS + HOUR_MS);
  });

  it('are free early where a person resumes one', async () => {
    accounts.set(hold());
    await look();
    resumeAccounts(accounts, 'claude', nowMs);
    await whenChanged(() => released.length > 0);
    assert.deepEqual(released, [{ kinds: ['claude', 'slow'], early: true }]);
    assert.equal(held.kinds.size, 0);
  });

  it('are free at their reset after a computer slept over it', async () => {
    accounts.set(hold());
    await look();
    nowMs += 5 * HOUR_MS;
    await look();
    assert.deepEqual(released, [{ kinds: ['claude', 'slow'], early: false }]);
  });

  it('are free where the clock was set back before the limit was met', async () => {
    accounts.set(hold());
    await look();
    nowMs -= HOUR_MS;
    await look();
    assert.equal(held.kinds.size, 0);
  });

  it('are not free at their reset where a person keeps them', async () => {
    accounts.set(hold());
    pauseAccounts(accounts, ACCOUNT, nowMs);
    await look();
    nowMs += 5 * HOUR_MS;
    await look();
    assert.deepEqual(released, []);
    assert.equal(held.kinds.get('claude')?.untilMs, null);
  });

  it('fire on their own at the reset', async () => {
    const ring = new HeldAccounts({
      accounts,
      kinds: () => KINDS,
      accountOf: () => Promise.resolve(ACCOUNT),
      clock: { nowMs: () => Date.now() },
      log: silentLog,
    });
    const free = new Promise<Released>((resolve) => ring.onDidRelease(resolve));
    accounts.set(hold({ sinceMs: Date.now(), untilMs: Date.now() + 300 }));
    ring.look();
    assert.equal((await free).early, false);
    ring.dispose();
  });

  it('cannot be resumed or paused where nothing is held', () => {
    for (const change of [resumeAccounts, pauseAccounts]) {
      assert.throws(
        () => change(accounts, 'claude', nowMs),
        (error) => KernelError.is(error, 'NOT_FOUND'),
      );
    }
  });

  it('are counted down by whole minutes, however long the limit lasts', () => {
    const weekMs = 7 * 24 * HOUR_MS;
    assert.equal(untilNextMinute(START_MS + weekMs, START_MS), 60_000);
    assert.equal(untilNextMinute(START_MS + weekMs + 1, START_MS), 1);
    assert.equal(untilNextMinute(START_MS, START_MS + 5), 0);
  });
});
