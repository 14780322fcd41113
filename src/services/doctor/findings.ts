/** The texts of the doctor's findings (`docs/doctor.md`), by code. `{name}` placeholders are facts. */
import { AGENT_FINDINGS } from './agentFindings';
import type { FindingWords } from './findingWords';
import { FOLDER_FINDINGS } from './folderFindings';
import { PROGRAM_FINDINGS } from './programFindings';

export type { FindingWords } from './findingWords';

export const FINDINGS = {
  ...PROGRAM_FINDINGS,
  ...AGENT_FINDINGS,
  ...FOLDER_FINDINGS,
} as const satisfies Readonly<Record<string, FindingWords>>;

export type FindingCode = keyof typeof FINDINGS;
