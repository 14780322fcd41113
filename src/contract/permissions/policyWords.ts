import type { PermissionPolicy } from './model';

/** The permission policies as people read them; surfaces translate them. */
export const POLICY_WORDS: Readonly<Record<PermissionPolicy, string>> = {
  askAll: 'Ask for everything',
  freeInside: 'Free inside the worktree',
  denyAsked: 'Deny what would ask',
  allowAll: 'Allow everything',
};
