/** Output for clones and worktrees that are recorded elsewhere, and for lists with unreadable rows. */
import * as z from 'zod';
import type { Row } from '../../support/ic/cliTable';

const TRUSTED = z.strictObject({ path: z.string().endsWith('/away/worktree'), new: z.boolean() });
const AWAY = 'recorded elsewhere, not opened';
const LEFT_OUT = /left out: invalid default_branch/;

const ROWS: readonly Row[] = [
  {
    line: 'project list',
    code: 2,
    out: new RegExp(`^\\w{8}\\taway\\tmain\\t\\S+\\t${AWAY}\\n\\w{8}\\tknown\\tmain\\t\\S+known\\n$`),
    err: LEFT_OUT,
  },
  { line: 'project list --json', code: 2, out: /"clone_path":"\S+away\/repository".*"elsewhere":true/, err: LEFT_OUT },
  { line: 'task list', code: 2, out: /^\w{8}\tACTIVE\t[^\n]+\n$/, err: /left out: invalid updated_at/ },
  {
    line: 'subtask list {task}',
    code: 2,
    out: new RegExp(`^1\\t\\w{8}\\tIN_PROGRESS\\ta\\t\\t${AWAY}\\n2\\t\\w{8}\\tREADY\\tb\\t\\n$`),
    err: /left out: invalid base_sha/,
  },
  { line: 'subtask list {task} --json', code: 2, out: /"elsewhere":true/, err: /left out: invalid base_sha/ },
  {
    line: 'task show {task}',
    code: 2,
    out: /\n1\t\w{8}\tIN_PROGRESS\ta\n2\t\w{8}\tREADY\tb\n$/,
    err: /invalid base_sha/,
  },
  { line: 'task show {task} --json', code: 2, out: /"title":"b"/, err: /invalid base_sha/ },
  {
    line: 'worktree unused',
    code: 2,
    out: /^\S+restored-work\trestored\trestored\t\n$/,
    err: /\(away\) left out: .*recorded elsewhere/,
  },
  { line: 'worktree unused --json', code: 2, out: /"reason":"restored"/, err: /\(away\) left out/ },
  { line: 'worktree snapshots', code: 2, out: '', err: /\(away\) left out/ },
  { line: 'worktree snapshots --json', code: 2, out: '[]\n', err: /\(away\) left out/ },
  { line: 'worktree unused --project={project}', code: 2, out: '', err: /recorded elsewhere/ },
  { line: 'task sync', code: 2, out: '', err: /left out: invalid updated_at/ },
  { line: 'project sync {own}', code: 2, out: /^[0-9a-f]{40}\n$/, err: LEFT_OUT },
  { line: 'dispatch queue start', code: 2, out: '', err: /left out: invalid request/ },
  { line: 'subtask trust {a}', code: 2, out: '', err: /recorded elsewhere/ },
  { line: 'project trust', code: 3 },
  { line: 'project trust unknown', code: 1 },
  { line: 'project trust {project}', out: /^\/\S+\/away\/repository\n$/ },
  { line: 'project trust {project} --json', out: /^\{"new":false,"path":"\S+\/away\/repository"\}\n$/ },
  { line: 'subtask trust', code: 3 },
  { line: 'subtask trust unknown', code: 1 },
  { line: 'subtask trust {b}', code: 1 },
  { line: 'subtask trust {a}', out: /^\/\S+\/away\/worktree\n$/ },
  { line: 'subtask trust {a} --json', json: TRUSTED },
];

/** With the fixture `elsewhere`. */
export const ELSEWHERE_ROWS: readonly Row[] = ROWS.map((row) => ({ ...row, cwd: '{inner}' }));
