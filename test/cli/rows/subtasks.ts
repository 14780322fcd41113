/** Output and exit codes of the commands that control a plan: on this machine, in Beads and on GitHub. */
import * as z from 'zod';
import type { Row } from '../../support/ic/cliTable';

const ids = z.array(z.string().length(8));
const url = z.string().startsWith('http');
const sha = z.string().length(40);
const MERGED = z.strictObject({ id: z.string().length(8), unblocked: ids, task_done: z.boolean() });
const FREED = z.strictObject({ id: z.string().length(8), clone_path: z.string() });
const PROJECT_FACTS = z.strictObject({
  id: z.string().length(8),
  clone_path: z.string().startsWith('/'),
  default_branch: z.literal('main'),
});
const REMOVED = z.strictObject({
  id: z.string().length(8),
  branches: z.array(z.string()),
  snapshots: z.array(z.string()),
  left: z.array(z.string()),
});
const PLACED = z.strictObject({ id: z.string().length(8), name: z.string(), clone_path: z.string().startsWith('/') });

/** With the fixture `plan`. */
export const PLAN_ROWS: readonly Row[] = [
  { line: 'subtask start {a}', out: 'started\n' },
  { line: 'subtask stop {a}', out: 'stopped\n' },
  { line: 'subtask retry {a}', out: 'started\n' },
  { line: 'subtask hand-over {a} --to=claude', out: 'handed over\n' },
  { line: 'subtask hand-over {a} --to=shell', code: 3, out: '', err: /the prompt of shell is a program/ },
  { line: 'subtask hand-over {a} --to=nope', code: 2, out: '' },
  { line: 'subtask hand-over {done} --to=claude', code: 2, out: '', err: /is already completed/ },
  { line: 'subtask hand-over unknown --to=claude', code: 1, out: '', err: /not found: unknown/ },
  { line: 'subtask hand-over {a}', code: 3, err: /--to is required/ },
  { line: 'subtask retry-setup {setup}', out: 'started\n' },
  {
    line: 'subtask retry-setup {a}',
    code: 2,
    out: '',
    err: /The set-up of subtask \w+ has not failed\.\n.*retry the subtask/,
  },
  { line: 'subtask retry-setup {done}', code: 2, out: '', err: /is already completed/ },
  { line: 'subtask retry-setup unknown', code: 1, out: '', err: /not found: unknown/ },
  { line: 'subtask retry-setup', code: 3 },
  { line: 'subtask close {a} --reason=done', out: 'closed\n' },
  { line: 'subtask landing {a}', out: 'none\n' },
  { line: 'subtask landing {done} --json', out: '{"kind":"none"}\n' },
  { line: 'subtask landing unknown', code: 1, out: '' },
  { line: 'subtask landing', code: 3 },
  { line: 'subtask retry-pull-request {a}', code: 2, err: /is already in progress/ },
  { line: 'subtask retry-pull-request {held}', out: 'IN_PROGRESS\n' },
  { line: 'subtask retry-pull-request {held}', code: 2 },
  { line: 'subtask retry-pull-request unknown', code: 1 },
  { line: 'subtask retry-pull-request', code: 3 },
  { line: 'subtask mark-merged {a}', code: 2, err: /is still in progress/ },
  { line: 'subtask mark-merged {done}', code: 2, out: '', err: /its base branch lacks its commits/ },
  { line: 'subtask mark-merged unknown', code: 1 },
  { line: 'subtask mark-merged', code: 3 },
  { line: 'subtask merge {done}', out: /^merged\nunblocked\t\w{8}\n$/ },
  { line: 'subtask landing {done}', out: 'merged\n' },
  { line: 'subtask merge {done}', code: 2, out: '' },
  { line: 'project base', code: 3 },
  { line: 'project base unknown main', code: 1 },
  { line: 'project base {project} nowhere', code: 1, err: /Branch nowhere does not exist in the repository/ },
  { line: 'project base {project} work', out: 'work\n' },
  { line: 'project base {project} main --json', json: PROJECT_FACTS },
  { line: 'project relocate', code: 3 },
  { line: 'project relocate unknown', code: 1 },
  { line: 'project relocate {project} {folder}/nowhere', code: 2, err: /does not exist/ },
  { line: 'project relocate {project} {folder}/repository', out: /^\/\S+\/repository\n$/ },
  { line: 'project relocate {project} {folder}/repository --json', json: PROJECT_FACTS },
  { line: 'project remove', code: 3 },
  { line: 'project remove unknown', code: 1 },
  { line: 'project remove {project}', code: 2, out: '', err: /in use by 1 task/ },
  {
    line: 'project remove {project} --dry-run',
    out: /^task\t\w{8}\t[^\n]+\nsubtasks\t5\nrunning agents\t0\nworktree\t/,
  },
  { line: 'project remove {project} --with-tasks --json', json: REMOVED },
  { line: 'project list', out: '' },
];

const env = { PATH: '{folder}/bin:{path}' };
const SYNCED = z.tuple([
  z.strictObject({
    id: z.string().length(8),
    added: ids,
    changed: ids,
    removed: ids,
    claimed: ids,
    closed_outside: ids,
    missing: ids,
    refused: z.array(z.string()),
  }),
]);

/** With the fixture `tracked`. */
export const BEADS_ROWS: readonly Row[] = [
  { line: 'task sync', env, out: /^\w{8}\t0 added\t0 changed\t0 removed\n$/ },
  { line: 'task sync {task} --bd={bd} --json', json: SYNCED },
  { line: 'task sync {other}', env, code: 1, out: '' },
  { line: 'task sync unknown', env, code: 1, out: '' },
  { line: 'task sync {task} --bd={folder}/none', code: 2, out: '' },
  { line: 'task sync --all', code: 3 },
];

const signedIn = { GITHUB_SERVER_URL: '{server}', GH_TOKEN: '{token}' };
const refused = { ...signedIn, GH_TOKEN: 'gho_wrong' };

/** With the fixture `onGitHub`. */
export const GITHUB_ROWS: readonly Row[] = [
  { line: 'subtask landing {open}', env: signedIn, out: /^open\thttp\S+\/pull\/1\n$/ },
  {
    line: 'subtask landing {merged} --json',
    env: signedIn,
    json: z.strictObject({ kind: z.literal('merged'), url, sha }),
  },
  { line: 'subtask landing {open}', env: refused, code: 2, out: '' },
  { line: 'subtask mark-merged {open}', env: signedIn, code: 2, err: /its pull request is open/ },
  { line: 'subtask mark-merged {merged} --json', env: signedIn, json: MERGED },
  { line: 'project sync unknown', env: signedIn, code: 1, out: '' },
  { line: 'project sync {project}', env: refused, code: 2, out: '' },
  { line: 'project sync', env: signedIn, code: 3 },
  { line: 'project sync {project}', env: signedIn, out: /^[0-9a-f]{40}\n\w{8}\n$/ },
  {
    line: 'project sync {project} --json',
    env: signedIn,
    json: z.strictObject({ base: sha, merged: z.tuple([]) }),
  },
  { line: 'subtask merge {open} --json', env: signedIn, json: MERGED },
  { line: 'subtask landing {open}', env: signedIn, out: /^merged\thttp\S+\/pull\/1\n$/ },
  { line: 'subtask start {after}', out: 'started\n' },
  { line: 'project add-from-github', env: signedIn, code: 3 },
  { line: 'project add-from-github no-address', env: signedIn, code: 3, out: '' },
  { line: 'project add-from-github octo/nothing', env: signedIn, code: 2, out: '' },
  {
    line: 'project add-from-github octo/Parcels',
    env: signedIn,
    out: /^\S+\/projects\/ada\/Parcels\n$/,
    keep: 'clone',
  },
  { line: 'project list', cwd: '{clone}', out: /^\w{8}\tParcels\tmain\t\S+\/ada\/Parcels\n$/ },
  { line: 'project add-from-github octo/Parcels', env: signedIn, code: 2, out: '' },
  { line: 'project add-from-github {server}/ada/stamps --json', env: signedIn, json: PLACED },
  { line: 'project free', code: 3 },
  { line: 'project free unknown', code: 1 },
  { line: 'project free {project}', code: 2, out: '', err: /is in use/ },
  { line: 'subtask stop {after}', out: 'stopped\n' },
  { line: 'project free {project}', out: /^\S+\/stamps\n$/ },
  { line: 'project free {project} --json', json: FREED },
];
