/** The readers of transcripts, by the parser of the log. */
import type { OutputParser } from '../../../contract/agentKinds';
import { AcpTranscript } from './acpReader';
import { ClaudeTranscript } from './claudeReader';
import { CodexTranscript } from './codexReader';
import type { EntryList } from './entries/entryList';
import { PlainTranscript } from './plainReader';
import type { TranscriptReader } from './reader';

export const TRANSCRIPT_READERS: Readonly<Record<OutputParser, (entries: EntryList) => TranscriptReader>> = {
  claude: (entries) => new ClaudeTranscript(entries),
  codex: (entries) => new CodexTranscript(entries),
  plain: (entries) => new PlainTranscript(entries),
  acp: (entries) => new AcpTranscript(entries),
};
