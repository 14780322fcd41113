/** Rows of projects, tasks and subtasks that another program wrote: what git and the disk could misread is no value. */
import assert from 'node:assert/strict';
import type { SqlValue } from '../../../src/kernel/db/sqlTypes';
import { KernelError } from '../../../src/kernel/errors/errors';
import {
  agentRunId as agentRunIds,
  projectId as projectIds,
  subtaskId as subtaskIds,
  taskId as taskIds,
} from '../../../src/kernel/ids';
import { addProject, getProject, listProjects, listTasks, readableProjects } from '../../../src/kernel/tasks/service';
import { getSubtask, listSubtasks, readableSubtasks } from '../../../src/kernel/tasks/subtask/subtasks';
import { openTestKernel, type TestKernel } from '../../support/records/kernel';
import { CLONE, DIAMOND, planned } from '../../support/tasks/taskRecord';

/** What no branch, no commit id and no id may be. */
const HOSTILE: readonly string[] = [
  ...[
    '--output=../x',
    '-x',
    '',
    ' ',
    'a b',
    'a\0b',
    'a\nb',
    '../x',
    '/x',
    'x/..',
    'a..b',
    'x'.repeat(5000),
    'refs/../x',
  ],
];

const COLUMNS = [
  ['projects', 'github_owner', 'a name of an owner'],
  ['projects', 'github_repo', 'a name of a repository'],
  ['projects', 'upstream_owner', 'a name of an owner'],
  ['projects', 'upstream_repo', 'a name of a repository'],
  ['projects', 'default_branch', 'a name of a branch'],
  ['subtasks', 'branch_name', 'a name of a branch'],
  ['subtasks', 'base_sha', 'a commit id'],
] as const;

describe('rows that another program wrote', () => {
  let kernel: TestKernel;
  let taskId: string;
  let subtaskId: string;
  let projectId: string;

  beforeEach(async () => {
    kernel = await openTestKernel();
    const { task, subtasks } = kernel.write((u) => planned(u, DIAMOND));
    kernel.write((u) => {
      const remote = ['ada', 'parcels', 'bob', 'parcels'];
      const columns = 'github_owner = ?, github_repo = ?, upstream_owner = ?, upstream_repo = ?';
      u.db.run(`UPDATE projects SET ${columns} WHERE id = ?`, [...remote, task.projectId]);
    });
    [taskId, projectId, subtaskId] = [task.id, task.projectId, subtasks['A']?.id ?? ''];
  });

  const set = (table: string, column: string, id: string, value: SqlValue): void =>
    kernel.write((u) => void u.db.run(`UPDATE ${table} SET ${column} = ? WHERE id = ?`, [value, id]));

  for (const [table, column, what] of COLUMNS) {
    it(`refuses what is not ${what} in ${table}.${column}`, () => {
      const id = table === 'projects' ? projectId : subtaskId;
      // GitHub allows such names, which stand for nothing but a part of an address.
      const isAllowed = (value: string): boolean => column.endsWith('_repo') && ['-x', 'a..b'].includes(value);
      for (const value of [...HOSTILE.filter((name) => !isAllowed(name)), new Uint8Array([45, 45])]) {
        set(table, column, id, value);
        assert.throws(
          () => kernel.read((r) => (table === 'projects' ? getProject(r, id) : getSubtask(r, id))),
          (error: unknown) => KernelError.is(error, 'ROW_INVALID') && error.facts.column === column,
          String(value),
        );
      }
    });
  }

  it('refuses ids that would leave a folder, for projects, tasks and subtasks', () => {
    for (const parser of [projectIds, taskIds, subtaskIds, agentRunIds]) {
      for (const value of HOSTILE) assert.equal(parser.safeParse(value).success, false, value);
      assert.equal(parser.safeParse('p1').success, true);
    }
  });

  it('names a project or task that cannot be read, without hiding the others', () => {
    kernel.write((u) => addProject(u, { name: 'stamps', clonePath: `${CLONE}-2`, defaultBranch: 'main' }));
    set('projects', 'default_branch', projectId, '--output=../x');
    set('tasks', 'status', taskId, 'ACTIVE');
    assert.deepEqual(
      kernel.read((r) => listProjects(r).map(({ name }) => name)),
      ['stamps'],
    );
    assert.equal(kernel.read((r) => listTasks(r)).length, 1);
    const { invalid } = kernel.read((r) => readableProjects(r));
    assert.deepEqual(
      invalid.map(({ id, column }) => [id, column]),
      [[projectId, 'default_branch']],
    );
  });

  it('names a subtask that cannot be read for views, and refuses a rule over all of its task', () => {
    set('subtasks', 'base_sha', subtaskId, '--output=../x');
    const { sound, invalid } = kernel.read((r) => readableSubtasks(r, taskId));
    assert.deepEqual(
      sound.map(({ title }) => title),
      ['B', 'C', 'D'],
    );
    assert.deepEqual(
      invalid.map(({ id, column }) => [id, column]),
      [[subtaskId, 'base_sha']],
    );
    assert.throws(() => kernel.read((r) => listSubtasks(r, taskId)), { code: 'ROW_INVALID' });
  });
});
