/** A sound database whose rows claim everything that a record must not be believed. */
import { openTestKernel } from '../support/records/kernel';
import type { Canaries } from './canaries';

type Row = Readonly<Record<string, string | number | null>>;

const AT = 1_767_225_600;

/** The bytes of a record of `folder`. */
export async function craftedRecord(folder: string, canaries: Canaries): Promise<Uint8Array> {
  const kernel = await openTestKernel();
  for (const [table, row] of await craftedRows(folder, canaries)) {
    const columns = Object.keys(row);
    const places = columns.map(() => '?').join(', ');
    kernel.write((u) =>
      u.db.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`, Object.values(row)),
    );
  }
  return kernel.kernel.export().slice();
}

async function craftedRows(folder: string, canaries: Canaries): Promise<(readonly [table: string, row: Row])[]> {
  const { outside, clone, secret, pid } = canaries;
  const token = await canaries.startToken();
  const run = (id: string, more: Row = {}): readonly [string, Row] => [
    'runs',
    { id, project_dir: folder, goal: id, created_at: AT, updated_at: AT, scope_id: id, ...more },
  ];
  const metadata = JSON.stringify({ portfolio: { database: `${outside}/portfolio.db` } });
  const pids = [pid, -pid, 1, 0, -1, pid];
  return [
    run('run00001'),
    run('run00002', { phase: 'planned' }),
    run('run00003', { phase: 'executing' }),
    run('child001', { parent_run_id: 'parent01', metadata }),
    run('parent01', { project_dir: '' }),
    run('child002', { project_dir: outside, parent_run_id: 'parent01' }),
    run('child003', { project_dir: '--output=../x', parent_run_id: 'parent01' }),
    [
      'project_deps',
      { portfolio_run_id: 'parent01', upstream_project: outside, downstream_project: folder, created_at: AT },
    ],
    ...pids.flatMap((claimed, index) =>
      dispatchRows(`disp000${index}`, claimed, index === 0 ? token : null, folder, canaries),
    ),
    ...[secret, '/etc/passwd', '../outside/secret.txt', '--output=x', `${outside}/../outside`].map(
      (place, index): readonly [string, Row] => [
        'run_artifacts',
        {
          id: `artif00${index}`,
          run_id: 'run00001',
          phase: 'brainstorm',
          path: place,
          content_hash: 'sha256:0',
          created_at: AT,
        },
      ],
    ),
    project('project1', clone, 'main'),
    project('project2', folder, 'main'),
    project('project3', `${outside}/none`, '--output=../x'),
    ...taskRows('task0001', 'project1', 'run00002', 'PLANNING', clone),
    ...taskRows('task0002', 'project2', 'run00003', 'ACTIVE', clone),
    [
      'queued_dispatches',
      {
        id: 'queued01',
        run_id: 'run00001',
        project_dir: folder,
        request: JSON.stringify({ kind: 'shell', name: 'queued', prompt: { file: canaries.program } }),
        queued_at_ms: 1,
      },
    ],
    ['state', { key: 'active-dispatch-count', scope_id: 'parent01', payload: '-1', updated_at: AT, expires_at: null }],
  ];
}

function dispatchRows(
  id: string,
  pid: number,
  token: string | null,
  folder: string,
  { outside, secret, program }: Canaries,
): (readonly [string, Row])[] {
  const files = { prompt_file: program, output_file: secret, verdict_file: `${outside}/verdict.json` };
  const common = { id, agent_type: 'shell', status: 'running', project_dir: folder, scope_id: 'run00001', ...files };
  const argv = JSON.stringify([program]);
  return [
    ['dispatches', { ...common, pid, created_at: AT, started_at: AT, timeout_sec: 1 }],
    [
      'dispatch_processes',
      {
        dispatch_id: id,
        argv,
        cwd: outside,
        log_file: secret,
        exit_file: `${outside}/exit.json`,
        start_token: token,
        host: '',
      },
    ],
  ];
}

function project(id: string, clonePath: string, branch: string): readonly [string, Row] {
  return [
    'projects',
    { id, name: id, default_branch: branch, clone_path: clonePath, is_ours: 1, created_at: AT, updated_at: AT },
  ];
}

function taskRows(
  id: string,
  projectId: string,
  runId: string,
  status: string,
  clone: string,
): (readonly [string, Row])[] {
  const made = { created_at: AT, updated_at: AT };
  const texts = { title: 'Work', spec: '', implementation_plan: '', acceptance_criteria: '' };
  const claims: readonly Row[] = [
    { status: 'IN_PROGRESS', stage: 'verify', base_sha: '--output=../x', branch_name: 'work', worktree_path: clone },
    {
      status: 'IN_PROGRESS',
      stage: 'push',
      base_sha: 'a'.repeat(40),
      branch_name: '--upload-pack=touch',
      worktree_path: clone,
    },
    { status: 'IN_PROGRESS', stage: 'agent', base_sha: 'a'.repeat(40), branch_name: 'main', worktree_path: clone },
    { status: 'READY' },
    { status: 'MERGED', merged_at: AT, worktree_path: clone, branch_name: 'main' },
  ];
  return [
    [
      'tasks',
      { id, project_id: projectId, run_id: runId, title: 'Task', description: 'x', status, auto_start: 1, ...made },
    ],
    ...claims.map((claim, index): readonly [string, Row] => [
      'subtasks',
      {
        id: `${id.slice(4)}sub${index}`,
        task_id: id,
        number: index + 1,
        position: index + 1,
        ...texts,
        ...made,
        ...claim,
      },
    ]),
    [
      'agent_runs',
      {
        id: `${id.slice(4)}agen`,
        task_id: id,
        agent_type: 'PLANNER',
        attempt: 1,
        status: 'RUNNING',
        dispatch_id: 'disp0000',
        started_at: AT,
      },
    ],
  ];
}
