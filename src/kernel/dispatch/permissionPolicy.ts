/** What an agent in a session may do without a person (`docs/design/sessions.md#permissions`), and the order of that. */

/** `askAll`: asks for everything. `freeInside`: free inside the worktree. `denyAsked`: the same, and denies the rest. */
export const PERMISSION_POLICIES = ['askAll', 'freeInside', 'denyAsked', 'allowAll'] as const;
export type PermissionPolicy = (typeof PERMISSION_POLICIES)[number];

/** From narrow to wide: by what an agent does without being asked, then by what it can be allowed at all. */
const FROM_NARROW_TO_WIDE: readonly PermissionPolicy[] = ['askAll', 'denyAsked', 'freeInside', 'allowAll'];

/** What an unreadable stored policy counts as. */
export const NARROWEST_POLICY: PermissionPolicy = 'askAll';

/** A stored policy may come from another machine, so it only narrows what the own one allows. */
export function narrowed(own: PermissionPolicy, ...stored: readonly (PermissionPolicy | null | undefined)[]) {
  const reach = (policy: PermissionPolicy): number => FROM_NARROW_TO_WIDE.indexOf(policy);
  return stored.reduce<PermissionPolicy>(
    (narrowest, policy) => (policy && reach(policy) < reach(narrowest) ? policy : narrowest),
    own,
  );
}
