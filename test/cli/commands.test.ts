import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { allCommands } from '../../src/cli/table';
import {
  asked,
  elsewhere,
  files,
  health,
  onGitHub,
  permitted,
  plan,
  unstartedPlan,
  unusedWorktree,
  tracked,
} from '../support/records/cliFixtures';
import { runRows, type Prepare, type Row } from '../support/ic/cliTable';
import { GitHubFixture } from '../support/github/gitHubFixture';
import { ELSEWHERE_ROWS } from './rows/elsewhere';
import { HEALTH_ROWS } from './rows/health';
import { LEAD_ROWS } from './rows/lead';
import { OTHER_ROWS } from './rows/others';
import { PERMISSION_ROWS } from './rows/permissions';
import { RUN_ROWS } from './rows/runs';
import { SESSION_ROWS } from './rows/sessions';
import { BEADS_ROWS, GITHUB_ROWS, PLAN_ROWS } from './rows/subtasks';
import { REVISE_ROWS, TASK_ROWS } from './rows/taskCommands';
import { WORKTREE_ROWS } from './rows/worktrees';

interface Group {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly prepare: Prepare;
}

const groups = (all: Readonly<Record<string, readonly Row[]>>, prepare: Prepare): Group[] =>
  Object.entries(all).map(([name, rows]) => ({ name, rows, prepare }));

const GROUPS: readonly Group[] = [
  ...groups({ ...RUN_ROWS, ...OTHER_ROWS, ...TASK_ROWS }, files),
  ...groups(HEALTH_ROWS, health),
  { name: 'permissions', rows: PERMISSION_ROWS, prepare: permitted },
  { name: 'leading', rows: LEAD_ROWS, prepare: files },
  { name: 'sessions', rows: SESSION_ROWS, prepare: asked },
  { name: 'a plan', rows: PLAN_ROWS, prepare: plan },
  { name: 'a plan that has not started', rows: REVISE_ROWS, prepare: unstartedPlan },
  { name: 'Beads', rows: BEADS_ROWS, prepare: tracked },
  { name: 'what is recorded elsewhere', rows: ELSEWHERE_ROWS, prepare: elsewhere },
  { name: 'worktrees', rows: WORKTREE_ROWS, prepare: unusedWorktree },
];
const ROWS = [...GROUPS.flatMap(({ rows }) => rows), ...GITHUB_ROWS];

/** The relay runs until it is stopped (relay.test.ts), and a session needs its agent (sessionHost.test.ts, handOver.test.ts). */
const ELSEWHERE = new Set(['portfolio relay', 'dispatch continue', 'dispatch hand-over']);

describe('every command of ic', function () {
  this.timeout(180_000);
  for (const { name, rows, prepare } of GROUPS)
    it(`has the expected output and exit code: ${name}`, () => runRows(rows, prepare));

  describe('with an account of GitHub', () => {
    const fixture = GitHubFixture.ofSuite();
    it('has the expected output and exit code: projects and subtasks on GitHub', () =>
      runRows(GITHUB_ROWS, (folder) => onGitHub(fixture, folder)));
  });

  it('has no exit code that its help does not list', async () => {
    const commands = await allCommands();
    const undeclared = ROWS.filter(({ line, code }) => {
      const named = commands.filter(({ words }) => `${line} `.startsWith(`${words.join(' ')} `));
      const [command] = named.sort((a, b) => b.words.length - a.words.length);
      return command !== undefined && (code === 1 || code === 2) && command.exits?.[code] === undefined;
    });
    assert.deepEqual(
      undeclared.map(({ line, code }) => `${line}: exit ${code ?? 0}`),
      [],
    );
  });

  it('is covered: success, JSON if supported, and every negative exit code', async () => {
    const commands = (await allCommands()).filter(({ words }) => !ELSEWHERE.has(words.join(' ')));
    const lacking = commands.flatMap((command) => {
      const name = command.words.join(' ');
      const rows = ROWS.filter(({ line }) => line === name || line.startsWith(`${name} `));
      const has = (test: (row: Row) => boolean): boolean => name === 'init' || rows.some(test);
      return [
        ...(has((row) => (row.code ?? 0) === 0) ? [] : [`${name}: success`]),
        ...(command.json !== true || has(({ line }) => line.includes(' --json')) ? [] : [`${name}: JSON`]),
        ...(command.exits?.[1] === undefined || has(({ code }) => code === 1) ? [] : [`${name}: exit 1`]),
        ...(command.strict !== true || has(({ code }) => code === 3) ? [] : [`${name}: exit 3`]),
      ];
    });
    assert.deepEqual(lacking, []);
  });
});
