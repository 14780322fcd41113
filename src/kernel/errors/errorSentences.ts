/** The sentence and the hint of each error code, in one exhaustive table (`docs/design/failures.md`). */
import { AGENT_SENTENCES } from './agentSentences';
import { FOLDER_SENTENCES } from './folderSentences';
import { GIT_SENTENCES } from './gitSentences';
import { RECORD_SENTENCES } from './recordSentences';
import { WORK_SENTENCES } from './workSentences';
import type { ErrorCode } from './errorFacts';
import type { Sentence } from './sentence';

/** English sentence and hint of each code. Placeholders in braces are names of facts. */
export const SENTENCES: { readonly [C in ErrorCode]: Sentence } = {
  ...WORK_SENTENCES,
  ...GIT_SENTENCES,
  ...RECORD_SENTENCES,
  ...AGENT_SENTENCES,
  ...FOLDER_SENTENCES,
};
