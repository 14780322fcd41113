/** Names rules in the state of a session, so that a program sees which ones are in force. */
import { createHash } from 'node:crypto';
import type { PermissionRule } from '../../contract/permissions/model';

export function rulesDigest(rules: readonly PermissionRule[]): string {
  return createHash('sha256').update(JSON.stringify(rules)).digest('hex').slice(0, 16);
}
