/** `ic dispatch transcript`: what an agent and others said and did, in one document (`docs/design/sessions.md#transcripts`). */
import type { TranscriptEntry } from '../../../contract/transcript';
import { getDispatch } from '../../../kernel/dispatch/service';
import { readAgentKinds } from '../../../host/state/agentKindsFile';
import { knownStorages } from '../../../host/state/storages';
import { withBuiltIns } from '../../../services/agents/builtInKinds';
import { markdownParts, withTranscript } from '../../../services/dispatch/follow/dispatchTranscript';
import { locateLog, ownLog } from '../../../services/dispatch/follow/logLocation';
import { EXIT, type CliCommand, type CliContext, type ExitCode } from '../../command/command';
import type { Transcript } from '../../../services/agents/transcript/transcript';
import { present } from '../../output/output';
import { positional } from '../../grammar/values';

/** Entries between two writes. */
const WRITTEN_TOGETHER = 100;

const transcript: CliCommand = {
  words: ['dispatch', 'transcript'],
  summary: 'Print the transcript of a dispatch as Markdown: messages, tool calls, the plan, and who answered requests.',
  operands: '<dispatch>',
  json: true,
  exits: { 1: 'no such dispatch', 2: 'its log cannot be read' },
  examples: ['ic dispatch transcript DISPATCH > transcript.md'],
  async run(context) {
    const { args, env, flags, out } = context;
    const id = positional(args, 0, context.usage);
    const session = await context.session();
    const dispatch = session.read((reader) => getDispatch(reader, id));
    const file = ownLog(await locateLog(session.kernel, id, await knownStorages(env)));
    const kinds = withBuiltIns(await readAgentKinds(env), env);
    return await withTranscript(dispatch, file, kinds, async (read) => {
      const count = read?.count ?? 0;
      if (!flags.json) return await printParts(context, markdownParts(dispatch, read), (part) => out.line(part));
      const end = await printParts(context, entriesOf(read), (entry, number) =>
        out.listItem(present(entry), number === 0),
      );
      if (end === EXIT.ok) out.endList(count === 0);
      return end;
    });
  },
};

function* entriesOf(transcript: Transcript | undefined): Generator<TranscriptEntry> {
  for (let index = 0; index < (transcript?.count ?? 0); index += 1) {
    const entry = transcript?.at(index);
    if (entry !== undefined) yield entry;
  }
}

/** A reader that closes early is not an error; an output that a signal interrupts is incomplete. */
async function printParts<T>(
  { out, stopped }: CliContext,
  parts: Iterable<T>,
  print: (part: T, number: number) => void,
): Promise<ExitCode> {
  let number = 0;
  for (const part of parts) {
    print(part, number);
    number += 1;
    if (number % WRITTEN_TOGETHER !== 0) continue;
    if (!(await out.flush())) return EXIT.ok;
    if (stopped.aborted) return EXIT.failure;
  }
  return EXIT.ok;
}

export const TRANSCRIPT_COMMANDS: readonly CliCommand[] = [transcript];
