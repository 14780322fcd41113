/** The tables of docs/design say what the tables of the code say. */
import assert from 'node:assert/strict';
import { NEXT_DISCOVERY_STATUSES, tierOf } from '../../../src/kernel/discovery/rules';
import { NEXT_STATUSES } from '../../../src/kernel/dispatch/machine';
import { FAILURE_POLICIES, type FailurePolicy } from '../../../src/kernel/failure/failureClass';
import { RULE_TABLE } from '../../../src/kernel/gate/rules';
import { COMPONENTS, TABLES } from '../../../src/kernel/db/schema/schema';
import { RUN_MACHINE } from '../../../src/kernel/run/record/machine';
import { STATE_KEYS } from '../../../src/kernel/state/keys';
import { NEXT_SUBTASK_STATES, NEXT_TASK_STATUSES, SUBTASK_STATES } from '../../../src/kernel/tasks/record/machine';
import { TASK_PHASES } from '../../../src/kernel/tasks/record/taskRuns';
import { tableRows } from '../../support/documents/documents';

const FORMATS = 'docs/design/formats.md';
const TASKS = 'docs/design/tasks.md';

/** The words of a cell, as far as they are among the known ones. */
function named(cell: string, known: readonly string[]): string[] {
  return known.filter((word) => new RegExp(`(?<![\\w.-])${word}(?![\\w-])`).test(cell)).sort();
}

const sorted = (words: Iterable<string>): string[] => [...new Set(words)].sort();

/** Which state follows which, by rows of a state and what it may become. */
function followers(rows: readonly (readonly string[])[], known: readonly string[]): Record<string, string[]> {
  const next: Record<string, string[]> = {};
  for (const [from = '', to = ''] of rows) {
    for (const state of named(from, known)) next[state] = sorted([...(next[state] ?? []), ...named(to, known)]);
  }
  return next;
}

const expected = (next: Readonly<Record<string, readonly string[]>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(next).map(([state, followed]) => [state, sorted(followed)]));

describe('the design', () => {
  it('has the tables of the schema', () => {
    const tables = tableRows(FORMATS, 'Tables').flatMap(([names = '']) => names.split(', '));
    assert.deepEqual(sorted(tables), sorted(TABLES.map(({ name }) => name)));
  });

  it('has the tables of our own, by component', () => {
    const rows = tableRows(FORMATS, 'Tables of our own').map(([name = '', tables = '']) => {
      return [name, sorted(tables.split(/[:.]/)[0]?.split(', ') ?? [])];
    });
    assert.deepEqual(
      rows,
      COMPONENTS.map(({ name, tables }) => [name, sorted(tables.map((table) => table.name))]),
    );
  });

  it('has the statuses of runs', () => {
    const known = Object.keys(RUN_MACHINE);
    const next = Object.fromEntries(
      Object.entries(RUN_MACHINE).map(([status, steps]) => {
        return [status, Object.values(steps).flatMap((to) => (to === null || to === status ? [] : to))];
      }),
    );
    const rows = tableRows(FORMATS, 'Runs').map(([status = '', , to = '']) => [status, to]);
    assert.deepEqual(followers(rows, known), expected(next));
  });

  it('has the rules of gates', () => {
    const rules = RULE_TABLE.map(({ fromPhase, toPhase, rules: [rule] }) => {
      const phase = rule !== undefined && 'phase' in rule ? ` of ${rule.phase}` : '';
      return [fromPhase, toPhase, `${rule?.check ?? ''}${phase}`];
    });
    assert.deepEqual(tableRows(FORMATS, 'Gate rules'), rules);
  });

  it('has the keys of state entries', () => {
    const keys = tableRows(FORMATS, 'State entries').flatMap(([names = '']) => names.split(', '));
    assert.deepEqual(sorted(keys), sorted(Object.values(STATE_KEYS)));
  });

  it('has the tiers and statuses of discoveries', () => {
    const [tiers, statuses] = [0, 1].map((part) =>
      tableRows(FORMATS, 'Discoveries').filter(([first = '']) => /^(from|below)/.test(first) === (part === 0)),
    );
    for (const [from = '', tier] of tiers ?? []) assert.equal(tier, tierOf(Number(/[\d.]+/.exec(from)?.[0] ?? 0)));
    const known = Object.keys(NEXT_DISCOVERY_STATUSES);
    assert.deepEqual(followers(statuses ?? [], known), expected(NEXT_DISCOVERY_STATUSES));
  });

  it('has the statuses of dispatches', () => {
    const known = Object.keys(NEXT_STATUSES);
    const rows = tableRows('docs/design/agents.md', 'States of a dispatch').map(([from = '', to = '']) => {
      const others = known.filter((status) => status !== 'spawned' && status !== 'running').join(', ');
      return [from === 'the others' ? others : (from.split(':')[0] ?? ''), to];
    });
    assert.deepEqual(followers(rows, known), expected(NEXT_STATUSES));
  });

  it('has the statuses of tasks, and the phases of their runs', () => {
    const known = Object.keys(NEXT_TASK_STATUSES);
    const rows = tableRows(TASKS, 'States').filter(([status = '']) => known.includes(status));
    assert.deepEqual(followers(rows, known), expected(NEXT_TASK_STATUSES));
    const phases = tableRows(TASKS, 'A task and its run').flatMap(([statuses = '', of = '']) => {
      return statuses.split(', ').map((status) => [status, of.split(', ')]);
    });
    assert.deepEqual(Object.fromEntries(phases), TASK_PHASES);
  });

  it('has the states of subtasks', () => {
    const stateNames = (cell: string): string =>
      cell.replaceAll('BLOCKED (dependency)', 'BLOCKED_DEPENDENCY').replaceAll('BLOCKED (failure)', 'BLOCKED_FAILURE');
    const rows = tableRows(TASKS, 'States')
      .map(([from = '', to = '']) => [stateNames(from), stateNames(to)])
      .filter(([from = '']) => SUBTASK_STATES.some((state) => state === from));
    assert.deepEqual(followers(rows, SUBTASK_STATES), expected(NEXT_SUBTASK_STATES));
  });

  it('has the policy of each class of failure', () => {
    const rows = tableRows('docs/design/failures.md', 'Classes');
    const said = rows.flatMap(([names = '', counted, again = '', holds, person = '']) =>
      names.split(', ').map((name) => [name, { counted, retry: retryOf(again), holds, person: personOf(person) }]),
    );
    const policies = Object.entries(FAILURE_POLICIES).map(([name, policy]: [string, FailurePolicy]) => {
      const { isCounted, retry, holds, personAfter } = policy;
      const person = personAfter ?? (isCounted ? 'last' : null);
      return [
        name,
        { counted: isCounted ? 'yes' : 'no', retry, holds: holds === 'account' ? 'the account' : holds, person },
      ];
    });
    assert.deepEqual(Object.fromEntries(said), Object.fromEntries(policies));
  });
});

function retryOf(again: string): FailurePolicy['retry'] {
  if (again === 'never') return 'never';
  return again.includes('reset') ? 'atReset' : 'afterDelay';
}

function personOf(person: string): number | 'last' | null {
  if (person === 'no') return null;
  if (person === 'at once') return 1;
  return person.includes('in a row') ? Number(/\d+/.exec(person)?.[0]) : 'last';
}
