/** Which agent kind is the default of a folder, and why. */
import type { KindChoice } from '../../contract/results/agentKinds';
import { AUTOMATIC_KINDS } from '../leader/defaultKind';
import { found, type FolderKind, type Found } from './model';
import type { FindingCode } from './findings';

const CODES = {
  setting: 'AGENT_DEFAULT_SET',
  record: 'AGENT_DEFAULT_KEPT',
  machine: 'AGENT_DEFAULT_FOUND',
  noneInstalled: 'AGENT_DEFAULT_ABSENT',
} as const satisfies Readonly<Record<KindChoice['reason'], FindingCode>>;

export function defaultKindFinding({ folder, choice: { kind, reason } }: FolderKind): Found {
  const facts = reason === 'setting' || reason === 'record' ? {} : { kinds: AUTOMATIC_KINDS.join(', ') };
  return found(CODES[reason], { kind, folder, ...facts });
}
