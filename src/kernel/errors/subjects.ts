/** What a sentence about a missing or changed thing names: each has its own whole sentence to translate. */

export const NOT_FOUND_SUBJECTS = [
  ...(['run', 'phase', 'event', 'artifact', 'agent', 'discovery', 'commit', 'snapshot', 'folder'] as const),
  ...([
    'dispatch',
    'queued dispatch',
    'prompt of dispatch',
    'reservation',
    'held account',
    'request',
    'waiting text',
  ] as const),
  ...(['portfolio', 'dependency', 'project', 'task', 'subtask', 'agent run', 'failed step'] as const),
  ...(['attempt to plan task', 'attempt at subtask', 'worktree of subtask', 'branch of subtask'] as const),
  ...(['pull request of', 'issue in Beads for task', 'issue in Beads for the subtask', 'unused worktree'] as const),
  ...(['added agent kind', 'demo', 'tool', 'command', 'row', 'item'] as const),
] as const;

export const STALE_SUBJECTS = [
  ...(['run', 'dispatch', 'discovery', 'task', 'subtask', 'agent run', 'worktree', 'file'] as const),
  'creation of portfolio',
] as const;

export const STATE_SUBJECTS = ['project', 'task', 'subtask'] as const;

export type NotFoundSubject = (typeof NOT_FOUND_SUBJECTS)[number];
export type StaleSubject = (typeof STALE_SUBJECTS)[number];
export type StateSubject = (typeof STATE_SUBJECTS)[number];
