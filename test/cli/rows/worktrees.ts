/** Output and exit codes of the worktree commands: an unused worktree is removed, restored and removed again. */
import * as z from 'zod';
import type { Row } from '../../support/ic/cliTable';

const KEPT = 'refs/intercore/snapshots/gone-work-unused';

/** Files that its settings keep in addition to uncommitted files. */
const HOLDS = z.tuple([
  z.strictObject({ kind: z.literal('ignored'), path: z.literal(''), files: z.tuple([z.literal('key.secret')]) }),
]);

const SNAPSHOTS = z.tuple([
  z.strictObject({
    ref: z.literal(KEPT),
    project_id: z.string().length(8),
    head: z.string().length(40),
    taken_at: z.int(),
    task_id: z.null(),
    subtask_id: z.null(),
    files: z.tuple([z.literal('loose.txt')]),
    holds: HOLDS,
  }),
]);
const UNUSED = z.tuple([
  z.strictObject({
    path: z.string().endsWith('gone-work'),
    branch: z.literal('gone'),
    reason: z.literal('deleted'),
    changes: z.tuple([z.literal('loose.txt')]),
    holds: HOLDS,
  }),
]);
const RESTORED = z.strictObject({
  path: z.string().endsWith('restored-gone-work-unused'),
  branch: z.literal('restored/gone-work-unused'),
  new: z.boolean(),
});
const CLEANED = z.strictObject({
  removed: z.tuple([
    z.strictObject({
      path: z.string().endsWith('restored-gone-work-unused'),
      snapshot: z.string().startsWith('refs/'),
    }),
  ]),
  left: z.tuple([]),
});

export const WORKTREE_ROWS: readonly Row[] = [
  { line: 'worktree snapshots', out: '' },
  { line: 'worktree snapshots --json', out: '[]\n' },
  { line: 'worktree snapshots --project=unknown', code: 1 },
  { line: 'worktree snapshots --all', code: 3 },
  { line: 'worktree unused', out: /^\S+gone-work\tdeleted\tgone\tloose\.txt\tkey\.secret \(ignored\)\n$/ },
  { line: 'worktree unused --project={project} --json', json: UNUSED },
  { line: 'worktree unused --project=unknown', code: 1 },
  { line: 'worktree unused --all', code: 3 },
  { line: 'worktree setup', out: '' },
  { line: 'worktree setup --project={project} --json', out: '[]\n' },
  { line: 'worktree setup --project=unknown', code: 1 },
  { line: 'worktree setup --all', code: 3 },
  { line: 'worktree clean {folder}/repository', code: 1, out: '' },
  { line: 'worktree clean --all', code: 3 },
  { line: 'worktree clean --forget', code: 3 },
  { line: 'worktree clean {unused}', out: new RegExp(`^removed\\t\\S+gone-work\\t${KEPT}\\n$`) },
  { line: 'worktree clean {unused}', code: 1, out: '' },
  { line: 'worktree clean', out: '' },
  { line: 'worktree snapshots', out: `${KEPT}\t\tloose.txt\tkey.secret (ignored)\n` },
  { line: 'worktree snapshots --project={project} --json', json: SNAPSHOTS },
  { line: 'worktree restore refs/intercore/snapshots/none', code: 1, out: '' },
  { line: `worktree restore ${KEPT} --project=unknown`, code: 1, out: '' },
  { line: 'worktree restore', code: 3 },
  { line: `worktree restore ${KEPT}`, out: /^\S+restored-gone-work-unused\trestored\/gone-work-unused\n$/ },
  { line: `worktree restore ${KEPT} --project={project} --json`, json: RESTORED },
  {
    line: 'worktree unused',
    out: /^\S+\trestored\trestored\/gone-work-unused\tloose\.txt\tkey\.secret \(ignored\)\n$/,
  },
  { line: 'worktree clean {restored} --json', json: CLEANED },
  { line: 'worktree unused --json', out: '[]\n' },
];
