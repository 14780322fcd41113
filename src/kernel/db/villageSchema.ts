/** Tables of the village: tasks, subtasks and the attempts at them (`spec/village.md` §2, with the checks it asks for). */
import type { Table } from './tables';

const NOW = 'INTEGER NOT NULL DEFAULT (unixepoch())';
const ID = 'TEXT NOT NULL PRIMARY KEY';

const oneOf = (column: string, ...values: readonly string[]): string =>
  `TEXT NOT NULL CHECK (${column} IN (${values.map((value) => `'${value}'`).join(', ')}))`;

const oneOfOrNull = (column: string, ...values: readonly string[]): string =>
  `TEXT CHECK (${column} IS NULL OR ${column} IN (${values.map((value) => `'${value}'`).join(', ')}))`;

export const VILLAGE_TABLES: readonly Table[] = [
  {
    name: 'projects',
    key: ['id'],
    columns: {
      id: ID,
      name: 'TEXT NOT NULL',
      github_owner: 'TEXT',
      github_repo: 'TEXT',
      upstream_owner: 'TEXT',
      upstream_repo: 'TEXT',
      default_branch: 'TEXT NOT NULL',
      clone_path: 'TEXT NOT NULL UNIQUE',
      is_ours: 'INTEGER NOT NULL DEFAULT 0 CHECK (is_ours IN (0, 1))',
      created_at: NOW,
      updated_at: NOW,
    },
    constraints: [
      'CHECK ((github_owner IS NULL) = (github_repo IS NULL))',
      'CHECK ((upstream_owner IS NULL) = (upstream_repo IS NULL))',
      'CHECK (upstream_owner IS NULL OR github_owner IS NOT NULL)',
    ],
  },
  {
    name: 'tasks',
    key: ['id'],
    columns: {
      id: ID,
      project_id: 'TEXT NOT NULL REFERENCES projects(id) ON DELETE CASCADE',
      run_id: 'TEXT NOT NULL UNIQUE REFERENCES runs(id)',
      title: "TEXT NOT NULL CHECK (trim(title) <> '')",
      description: 'TEXT NOT NULL',
      status: oneOf('status', 'PLANNING', 'PLANNING_FAILED', 'ACTIVE', 'DONE'),
      planning_error: 'TEXT',
      auto_start: 'INTEGER NOT NULL DEFAULT 0 CHECK (auto_start IN (0, 1))',
      planned_at: 'INTEGER',
      first_attempt: 'INTEGER NOT NULL DEFAULT 1',
      created_at: NOW,
      updated_at: NOW,
    },
    constraints: ["CHECK ((status = 'PLANNING_FAILED') = (planning_error IS NOT NULL))"],
    indexes: { idx_tasks_project: '(project_id)', idx_tasks_status: '(status)' },
  },
  {
    name: 'subtasks',
    key: ['id'],
    columns: {
      id: ID,
      task_id: 'TEXT NOT NULL REFERENCES tasks(id) ON DELETE CASCADE',
      number: 'INTEGER NOT NULL',
      title: "TEXT NOT NULL CHECK (trim(title) <> '')",
      spec: "TEXT NOT NULL DEFAULT ''",
      implementation_plan: "TEXT NOT NULL DEFAULT ''",
      acceptance_criteria: "TEXT NOT NULL DEFAULT ''",
      status: oneOf('status', 'PENDING', 'READY', 'BLOCKED', 'IN_PROGRESS', 'COMPLETED', 'MERGED'),
      blocked_reason: oneOfOrNull('blocked_reason', 'DEPENDENCY', 'FAILURE'),
      branch_name: 'TEXT',
      worktree_path: 'TEXT',
      base_sha: 'TEXT',
      stage: oneOfOrNull('stage', 'prepare', 'agent', 'verify', 'push', 'pr'),
      first_attempt: 'INTEGER NOT NULL DEFAULT 1',
      pr_url: 'TEXT',
      pr_number: 'INTEGER',
      position: 'REAL NOT NULL',
      last_error: 'TEXT',
      failed_at: 'INTEGER',
      closed_at: 'INTEGER',
      close_reason: 'TEXT',
      merged_at: 'INTEGER',
      proven_sha: 'TEXT',
      proven_at: 'INTEGER',
      proven_where: 'TEXT',
      deciding_files: 'TEXT',
      merge_sha: 'TEXT',
      created_at: NOW,
      updated_at: NOW,
    },
    constraints: [
      "CHECK ((status = 'BLOCKED') = (blocked_reason IS NOT NULL))",
      "CHECK ((status = 'IN_PROGRESS') = (stage IS NOT NULL))",
      "CHECK ((status = 'MERGED') = (merged_at IS NOT NULL))",
      'UNIQUE (task_id, number)',
    ],
    indexes: { idx_subtasks_task: '(task_id)' },
  },
  {
    name: 'subtask_dependencies',
    key: ['subtask_id', 'depends_on_id'],
    columns: {
      subtask_id: 'TEXT NOT NULL REFERENCES subtasks(id) ON DELETE CASCADE',
      depends_on_id: 'TEXT NOT NULL REFERENCES subtasks(id) ON DELETE CASCADE',
      created_at: NOW,
    },
    constraints: ['CHECK (subtask_id <> depends_on_id)'],
    indexes: { idx_subtask_dependencies_on: '(depends_on_id)' },
  },
  {
    name: 'subtask_notes',
    key: ['id'],
    columns: {
      id: 'INTEGER PRIMARY KEY AUTOINCREMENT',
      subtask_id: 'TEXT NOT NULL REFERENCES subtasks(id) ON DELETE CASCADE',
      author: 'TEXT NOT NULL',
      text: 'TEXT NOT NULL',
      created_at: NOW,
    },
    indexes: { idx_subtask_notes_subtask: '(subtask_id)' },
  },
  {
    // No reference to tasks and subtasks: what was deleted here is to be deleted in the tracker too.
    name: 'tracked_issues',
    key: ['task_id', 'issue_id'],
    columns: {
      task_id: 'TEXT NOT NULL',
      issue_id: 'TEXT NOT NULL',
      subtask_id: 'TEXT',
      place: 'TEXT NOT NULL',
      status: 'TEXT NOT NULL',
      agreed: 'TEXT',
      created_at: NOW,
      updated_at: NOW,
    },
    constraints: ['CHECK ((subtask_id IS NULL) = (agreed IS NULL))', 'UNIQUE (task_id, subtask_id)'],
  },
  {
    name: 'agent_runs',
    key: ['id'],
    columns: {
      id: ID,
      task_id: 'TEXT NOT NULL REFERENCES tasks(id) ON DELETE CASCADE',
      subtask_id: 'TEXT REFERENCES subtasks(id) ON DELETE CASCADE',
      agent_type: oneOf('agent_type', 'PLANNER', 'WORKER'),
      attempt: 'INTEGER NOT NULL CHECK (attempt > 0)',
      status: oneOf('status', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'),
      dispatch_id: 'TEXT',
      error_message: 'TEXT',
      started_at: NOW,
      ended_at: 'INTEGER',
    },
    constraints: [
      "CHECK ((agent_type = 'WORKER') = (subtask_id IS NOT NULL))",
      "CHECK ((status = 'RUNNING') = (ended_at IS NULL))",
    ],
    indexes: {
      idx_agent_runs_task: '(task_id)',
      idx_agent_runs_subtask: '(subtask_id) WHERE subtask_id IS NOT NULL',
      idx_agent_runs_running: "(status) WHERE status = 'RUNNING'",
    },
  },
  {
    name: 'village_events',
    key: ['id'],
    columns: {
      id: 'INTEGER PRIMARY KEY AUTOINCREMENT',
      task_id: 'TEXT NOT NULL REFERENCES tasks(id) ON DELETE CASCADE',
      subtask_id: 'TEXT REFERENCES subtasks(id) ON DELETE SET NULL',
      from_state: 'TEXT NOT NULL',
      to_state: 'TEXT NOT NULL',
      reason: 'TEXT',
      created_at: NOW,
    },
    indexes: { idx_village_events_task: '(task_id)' },
  },
];
