import assert from 'node:assert/strict';
import { access, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { IS_LONG, itLongIf } from '../../../support/long';
import { folderWithIc, isInstalled, LIBRARY, shell } from '../../../support/shell';

/** The output of a call on one line and its exit code: with `ic`, and without it or with a broken database. */
interface Case {
  readonly call: string;
  readonly works: readonly [code: number, out: string | RegExp];
  /** Always without output. */
  readonly fails: number;
  /** The code with a broken database, if it differs: locks need no database. */
  readonly broken?: number;
}

const ID = /^\w{8}$/;

/** In this order; `$run`, `$d` (a dispatch) and `$name` (of a lock) are set before. */
const CASES: readonly Case[] = [
  { call: 'intercore_available', works: [0, ''], fails: 1 },
  { call: `intercore_state_set k s '{"a":1}'`, works: [0, ''], fails: 0 },
  { call: 'intercore_state_get k s', works: [0, '{"a":1}'], fails: 0 },
  { call: 'intercore_state_delete_all k ./none', works: [0, ''], fails: 0 },
  { call: 'intercore_state_get k s', works: [0, ''], fails: 0 },
  { call: 'intercore_sentinel_check n s 60', works: [0, ''], fails: 0 },
  { call: 'intercore_sentinel_check n s 60', works: [1, ''], fails: 0 },
  { call: 'intercore_sentinel_check_or_legacy m s 60 ./old', works: [0, ''], fails: 0 },
  { call: 'intercore_sentinel_check_or_legacy m s 60 ./old', works: [1, ''], fails: 1 },
  { call: 'intercore_check_or_die m s 60 ./old; echo on', works: [0, ''], fails: 0 },
  { call: 'intercore_sentinel_reset_or_legacy m s "./ol*"', works: [0, ''], fails: 0 },
  { call: 'intercore_sentinel_check_or_legacy m s 60 ./old', works: [0, ''], fails: 0 },
  { call: 'intercore_sentinel_reset_all m "./ol*"', works: [0, ''], fails: 0 },
  { call: 'intercore_sentinel_check_or_legacy m s 60 ./old', works: [0, ''], fails: 0 },
  { call: 'intercore_cleanup_stale', works: [0, ''], fails: 0 },
  { call: 'intercore_dispatch_spawn shell . p.sh', works: [0, ID], fails: 1 },
  { call: 'intercore_dispatch_spawn shell . p.sh ./o.md named', works: [0, ID], fails: 1 },
  { call: 'intercore_dispatch_wait "$d"', works: [0, ''], fails: 1 },
  { call: 'intercore_dispatch_wait "$d" 30s', works: [0, ''], fails: 1 },
  { call: 'intercore_dispatch_status "$d"', works: [0, /^\{"agent_type":"shell",.*"status":"completed"/], fails: 1 },
  { call: 'intercore_dispatch_kill "$d"', works: [0, ''], fails: 0 },
  { call: 'intercore_dispatch_kill nothere', works: [0, ''], fails: 0 },
  { call: 'intercore_dispatch_tokens "$d" 3 4', works: [0, 'updated'], fails: 1 },
  { call: 'intercore_dispatch_tokens "$d" 3 4 2', works: [0, 'updated'], fails: 1 },
  { call: 'intercore_dispatch_list_active', works: [0, /^(\w{8}\t\w+\tshell\t\w+ ?)*$/], fails: 0 },
  { call: 'intercore_run_current', works: [0, ID], fails: 1 },
  { call: 'intercore_run_current /elsewhere', works: [1, ''], fails: 1 },
  { call: 'intercore_run_phase "$run"', works: [0, 'brainstorm'], fails: 1 },
  { call: 'intercore_run_agent_add "$run" claude smith "$d"', works: [0, ID], fails: 1 },
  { call: 'intercore_run_agent_add "$run" claude', works: [0, ID], fails: 1 },
  { call: 'intercore_gate_check "$run"', works: [1, ''], fails: 0 },
  { call: 'intercore_run_artifact_add "$run" brainstorm idea.md', works: [0, ID], fails: 1 },
  { call: 'intercore_gate_check "$run"', works: [0, ''], fails: 0 },
  {
    call: 'intercore_gate_override "$run" "it is fine"',
    works: [0, 'brainstorm → brainstorm-reviewed (override: it is fine)'],
    fails: 0,
  },
  { call: 'intercore_run_skip "$run" planned "not now"', works: [0, 'skipped: planned'], fails: 1 },
  { call: 'intercore_run_skip "$run" review "not now" me', works: [0, 'skipped: review'], fails: 1 },
  { call: 'intercore_run_tokens "$run"', works: [0, /^\{"cache_hits":0,/], fails: 1 },
  { call: 'intercore_run_budget "$run"', works: [0, /^\{"budget":null,/], fails: 1 },
  { call: 'intercore_run_rollback_dry "$run" brainstorm', works: [0, /^\{ {3}"dry_run": true,/], fails: 1 },
  { call: 'intercore_run_rollback "$run" brainstorm "start over"', works: [0, /"reason": "start over"/], fails: 1 },
  { call: 'intercore_run_rollback "$run" done', works: [1, ''], fails: 1 },
  { call: 'intercore_run_code_rollback "$run"', works: [0, /idea\.md/], fails: 1 },
  { call: 'intercore_run_code_rollback "$run" planned', works: [0, 'null'], fails: 1 },
  { call: 'intercore_events_tail "$run" --limit=1', works: [0, /^\{"id":1,[^}]*\}$/], fails: 0 },
  { call: 'intercore_events_tail_all --limit=1', works: [0, /^\{"id":1,[^}]*\}$/], fails: 0 },
  { call: 'intercore_events_cursor_set c 1 2', works: [0, ''], fails: 0 },
  { call: 'intercore_events_cursor_get c', works: [0, '{"phase":1,"dispatch":2}'], fails: 0 },
  { call: 'intercore_events_cursor_get none', works: [0, ''], fails: 0 },
  { call: 'intercore_events_cursor_reset c', works: [0, 'reset'], fails: 0 },
  { call: 'intercore_lock_available', works: [0, ''], fails: 1, broken: 0 },
  { call: 'intercore_lock "$name" s', works: [0, ''], fails: 0 },
  { call: 'intercore_lock "$name" s 100ms', works: [1, ''], fails: 1 },
  { call: 'intercore_unlock "$name" s', works: [0, ''], fails: 0 },
  { call: 'intercore_lock "$name" s', works: [0, ''], fails: 0 },
  { call: 'intercore_unlock "$name" s', works: [0, ''], fails: 0 },
  { call: 'intercore_lock_clean', works: [0, ''], fails: 0 },
];

/** Each call in a subshell, as one line: its exit code, a tab, and its output. */
const ALL_CALLS = CASES.map(
  ({ call }) => `out=$(${call}); code=$?; printf '%s\\t%s\\n' "$code" "$(printf '%s' "$out" | tr '\\n' ' ')"`,
).join('\n');

/** Functions that must never end their caller, called as in a hook under `set -eu`. */
const GUARDS = [
  `intercore_state_set k s '{"a":1}'`,
  'intercore_state_set k2 s 1',
  'intercore_state_get k s >/dev/null',
  'intercore_state_delete_all k ./none',
  'intercore_sentinel_check n s 60',
  'intercore_sentinel_check n2 s 60',
  'intercore_sentinel_check_or_legacy m s 60 ./old',
  'intercore_sentinel_reset_or_legacy m s "./ol*"',
  'intercore_check_or_die m s 60 ./old',
  'intercore_sentinel_reset_all n "./ol*"',
  'intercore_sentinel_reset_all none "./ol*"',
  'intercore_cleanup_stale',
  'intercore_dispatch_kill nothere',
  'intercore_dispatch_list_active',
  'intercore_events_cursor_set c 1 2',
  'intercore_events_cursor_set d 1 2',
  'intercore_events_cursor_get c >/dev/null',
  'intercore_unlock "$name" s',
  'intercore_lock "$name" s',
  'intercore_unlock "$name" s',
  'intercore_lock_clean',
  'echo "still here"',
].join('\n');

describe('each wrapper of bin/lib-intercore.sh', function () {
  this.timeout(240_000);
  let base: string;
  let withIc: string;
  let withoutIc: string;
  /** An `ic` that fails as the real one does on a broken database, without a process of Node for each call. */
  let failingIc: string;

  before(async () => {
    base = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-wrappers-')));
    withIc = await folderWithIc(path.join(base, 'bin'));
    withoutIc = path.join(base, 'nothing');
    failingIc = path.join(base, 'failing');
    await mkdir(failingIc);
    const script = `#!/bin/sh\n[ "$1" != lock ] || exec '${withIc}/ic' "$@"\nexit 2\n`;
    await writeFile(path.join(failingIc, 'ic'), script, { mode: 0o755 });
  });
  after(() => rm(base, { recursive: true, force: true }));

  const project = async (): Promise<string> => {
    const folder = await mkdtemp(path.join(base, 'project-'));
    await writeFile(path.join(folder, 'p.sh'), 'true\n');
    await writeFile(path.join(folder, 'idea.md'), 'An idea\n');
    return folder;
  };
  const brokenProject = async (): Promise<string> => {
    const folder = await project();
    await mkdir(path.join(folder, '.clavain'));
    await writeFile(path.join(folder, '.clavain/intercore.db'), 'this is no database'.repeat(500));
    return folder;
  };
  const nameOf = (folder: string): string => `name='wrappers-${path.basename(folder)}'`;
  const unset = 'run=nothere; d=nothere';

  /** Compares the answers of all calls. */
  async function answers(program: string, folder: string, before: string, binaries: string): Promise<string[]> {
    const script = [nameOf(folder), before, ALL_CALLS].join('\n');
    const { out } = await shell(program, script, folder, binaries);
    return out.split('\n').slice(0, -1);
  }

  it('is covered by these tests', async () => {
    const defined = [...(await readFile(LIBRARY, 'utf8')).matchAll(/^(intercore_\w+)\(\)/gm)].map(([, name]) => name);
    assert.ok(defined.length > 30);
    const called = new Set(CASES.map(({ call }) => /^\w+/.exec(call)?.[0]));
    assert.deepEqual([...called].sort(), [...new Set(defined)].sort());
  });

  // In every run, bash takes all calls to the end with ic, and dash those that must never end their caller.
  for (const program of ['bash', 'dash']) {
    const isDash = program === 'dash';
    const itInBash = itLongIf(isDash);
    describe(`in ${program}`, () => {
      before(async function () {
        if (!(await isInstalled(program))) this.skip();
      });

      itInBash('works with ic', async () => {
        const folder = await project();
        const prepared = [
          'ic init >/dev/null; run=$(ic run create --goal=g)',
          'd=$(ic dispatch spawn --type=shell --prompt-file=p.sh)',
          'intercore_available; intercore_lock_available',
        ].join('\n');
        const lines = await answers(program, folder, prepared, withIc);
        assert.equal(lines.length, CASES.length);
        CASES.forEach(({ call, works: [code, out] }, i) => {
          const [gotCode, ...rest] = (lines[i] ?? '').split('\t');
          const got = rest.join('\t');
          assert.equal(gotCode, String(code), `${call}: ${lines[i] ?? ''}`);
          if (typeof out === 'string') assert.equal(got, out, call);
          else assert.match(got, out, call);
        });
      });

      const failing = (which: (one: Case) => number): string[] => CASES.map((one) => `${one.call}: ${which(one)}\t`);
      const withCalls = (lines: readonly string[]): string[] =>
        CASES.map(({ call }, i) => `${call}: ${lines[i] ?? ''}`);

      itInBash('fails safe if ic is missing', async () => {
        const lines = await answers(program, await project(), unset, withoutIc);
        assert.deepEqual(
          withCalls(lines),
          failing(({ fails }) => fails),
        );
      });

      itInBash('fails safe if the database is broken', async () => {
        const binaries = IS_LONG ? withIc : failingIc;
        const lines = await answers(program, await brokenProject(), unset, binaries);
        assert.deepEqual(
          withCalls(lines),
          failing(({ fails, broken }) => broken ?? fails),
        );
      });

      // It shows in every run that the real ic fails as the one of these tests.
      itInBash('fails safe if the database breaks after it was found healthy', async () => {
        const folder = await project();
        const script = [
          'ic init >/dev/null; intercore_available && echo available',
          `yes broken | head -c 8000 > .clavain/intercore.db`,
          'touch old-1; intercore_sentinel_reset_or_legacy m s "./old-*"; echo "reset: $?"; ls old-* 2>/dev/null',
          'intercore_sentinel_check_or_legacy m s 60 ./old; echo "legacy: $?"',
          'intercore_sentinel_check_or_legacy m s 60 ./old; echo "legacy: $?"',
          'intercore_state_set k s 1 2>/dev/null; echo "set: $?"',
          'intercore_state_get k s; echo "get: $?"',
          'intercore_dispatch_kill nothere; echo "kill: $?"',
          'intercore_events_cursor_get c; echo "cursor: $?"',
        ].join('\n');
        const { out } = await shell(program, script, folder, withIc);
        const expected = [
          'available',
          'reset: 0',
          'legacy: 0',
          'legacy: 1',
          'set: 0',
          'get: 0',
          'kill: 0',
          'cursor: 0',
        ];
        assert.deepEqual(out.trim().split('\n'), expected);
      });

      it('uses legacy files where it must', async () => {
        const folder = await project();
        for (const name of ['throttle-1', 'throttle-2']) await writeFile(path.join(folder, name), '');
        const script =
          'intercore_sentinel_reset_all n "./throttle-*"; intercore_state_delete_all k "./none-*"; echo "$?"';
        assert.deepEqual(await shell(program, script, folder, withoutIc), { code: 0, out: '0\n' });
        await assert.rejects(access(path.join(folder, 'throttle-1')));
        await assert.rejects(access(path.join(folder, 'throttle-2')));
      });

      it('ends no caller that runs under set -eu', async () => {
        const states = [
          { binaries: withoutIc, folder: await project(), first: '' },
          { binaries: IS_LONG ? withIc : failingIc, folder: await brokenProject(), first: '' },
          ...(IS_LONG || isDash ? [{ binaries: withIc, folder: await project(), first: 'ic init >/dev/null' }] : []),
        ];
        for (const { binaries, folder, first } of states) {
          const script = [first, 'set -eu', nameOf(folder), GUARDS].join('\n');
          assert.deepEqual(await shell(program, script, folder, binaries), { code: 0, out: 'still here\n' }, first);
        }
      });
    });
  }
});
