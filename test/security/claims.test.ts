/** Rows that claim commits and clones which lead out of the folder, from the shell and from a client of ic mcp. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git, PARCEL_API } from '../../scripts/demo/repositories';
import { IcProject } from '../support/records/icProject';
import { McpSession } from '../support/ic/mcp';
import { sqlite3 } from '../support/records/sqlite3';

const PRECIOUS = 'precious\n';
const LONG_AGO = 1_767_225_600;

describe('a row of another user', function () {
  this.timeout(120_000);
  let project: IcProject;
  let outside: string;
  let victim: string;

  beforeEach(async () => {
    project = await IcProject.open();
    outside = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-claims-')));
    victim = path.join(outside, 'victim');
    await createRepository(victim, PARCEL_API);
    await createRepository(project.at('clone'), PARCEL_API);
    for (const folder of [outside, project.folder]) await writeFile(path.join(folder, 'x'), PRECIOUS);
  });
  afterEach(async () => {
    await project.close();
    await rm(outside, { recursive: true, force: true });
  });

  /** All files outside and beside the clone, with the newest commit. */
  const currentState = async (): Promise<unknown> => [
    (await readdir(outside, { recursive: true })).sort(),
    (await readdir(project.at('clone'), { recursive: true })).sort(),
    await Promise.all([outside, project.folder].map((folder) => readFile(path.join(folder, 'x'), 'utf8'))),
    await git(victim, ['log', '--format=%H']),
  ];

  const insert = (table: string, row: Readonly<Record<string, string | number>>): Promise<string> => {
    const values = Object.values(row).map((value) => (typeof value === 'number' ? value : `'${value}'`));
    return sqlite3(project.database, `INSERT INTO ${table} (${Object.keys(row).join()}) VALUES (${values.join()})`);
  };

  const claim = (id: string, clonePath: string): Promise<string> =>
    insert('projects', {
      id,
      name: id,
      default_branch: 'main',
      clone_path: clonePath,
      is_ours: 1,
      created_at: LONG_AGO,
      updated_at: LONG_AGO,
      github_owner: 'ada',
      github_repo: id,
    });

  it('truncates no file on ic needs by a commit that is an option of git', async () => {
    for (const [id, clonePath] of [
      ['project1', project.at('clone')],
      ['project2', victim],
    ] as const) {
      await claim(id, clonePath);
      const run = await project.ok('run', 'create', '--goal=x');
      await insert('tasks', {
        id: `task${id}`,
        project_id: id,
        run_id: run,
        title: 'Task',
        description: 'x',
        status: 'ACTIVE',
        auto_start: 1,
        created_at: LONG_AGO,
        updated_at: LONG_AGO,
      });
      for (const [index, [status, stage]] of [
        ['IN_PROGRESS', "'verify'"],
        ['IN_PROGRESS', "'push'"],
        ['COMPLETED', 'NULL'],
      ].entries()) {
        await sqlite3(
          project.database,
          `INSERT INTO subtasks (id, task_id, number, position, title, spec, implementation_plan, acceptance_criteria,
             status, stage, base_sha, branch_name, worktree_path, created_at, updated_at)
           VALUES ('${id}${index}', 'task${id}', ${index + 1}, ${index + 1}, 'Work', '', '', '', '${status}', ${stage},
             '--output=../x', 'main', '${clonePath}', ${LONG_AGO}, ${LONG_AGO})`,
        );
      }
    }
    const before = await currentState();
    const { code, stderr } = await project.run(['needs']);
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      /^(ic: needs: [^\n]*base_sha: it is not the id of a commit\n)+ {2}6 rows are left out[^\n]+\n$/,
    );
    for (const id of ['project10', 'project12']) {
      const shown = await project.run(['subtask', 'show', id]);
      assert.equal(shown.code, 2);
      assert.match(shown.stderr, /^ic: [^\n]*base_sha: it is not the id of a commit\.?\n {2}[^\n]+\n$/);
    }
    assert.deepEqual(await currentState(), before);
  });

  it('deletes no folder on projects_remove with its clone', async () => {
    const claims = [victim, outside, project.folder, `${project.folder}/../${path.basename(outside)}/victim`];
    for (const [index, clonePath] of claims.entries()) await claim(`project${index}`, clonePath);
    const before = await currentState();
    const session = await McpSession.open({ cwd: project.folder, env: project.env });
    try {
      for (const index of claims.keys()) {
        for (const tool of ['projects_remove', 'projects_freeClone']) {
          const args = {
            projectId: `project${index}`,
            discard: true,
            ...(tool === 'projects_remove' && { clone: true }),
          };
          assert.deepEqual(await session.call(tool, args), { code: 'RECORDED_ELSEWHERE' }, `${tool} ${index}`);
        }
      }
    } finally {
      await session.close();
    }
    assert.deepEqual(await currentState(), before);
    assert.deepEqual(await project.rows('SELECT count(*) FROM projects'), [String(claims.length)]);
  });
});
