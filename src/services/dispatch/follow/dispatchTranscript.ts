/** The transcript of a dispatch, read to the end of its log, and as Markdown. */
import { parserOf, type AgentKind } from '../../../contract/agentKinds';
import type { OwnStorageFile } from '../../../host/trusted/insideFolder';
import type { Steps } from '../../../host/turns';
import { isActive } from '../../../kernel/dispatch/machine';
import type { Dispatch } from '../../../kernel/dispatch/model';
import type { KernelError } from '../../../kernel/errors/errors';
import { markdownHead, markdownOf } from '../../agents/transcript/markdown';
import { Transcript } from '../../agents/transcript/transcript';

/**
 * Gives `use` the transcript; undefined for a dispatch without a log.
 * @throws KernelError `FILE_UNREADABLE`
 */
export async function withTranscript<T>(
  { agentType, status }: Dispatch,
  file: OwnStorageFile | undefined,
  kinds: readonly AgentKind[],
  use: (transcript: Transcript | undefined) => Promise<T>,
): Promise<T> {
  if (file === undefined) return await use(undefined);
  const parser = parserOf(kinds, agentType);
  const problems: KernelError[] = [];
  const transcript = new Transcript(file, parser, {
    onChanged: () => undefined,
    onProblem: (problem) => problems.push(problem),
  });
  try {
    await transcript.finish(!isActive(status));
    const [problem] = problems;
    if (problem !== undefined) throw problem;
    return await use(transcript);
  } finally {
    await transcript.dispose();
  }
}

/** Parts of the Markdown without their line ends: its head, then each entry. */
export function* markdownParts(dispatch: Dispatch, transcript: Transcript | undefined): Generator<string> {
  const { id, name, agentType, model, status, startedAt, completedAt, verdictStatus } = dispatch;
  const facts: readonly (readonly [string, string | null])[] = [
    ['Dispatch', id],
    ['Agent', agentType],
    ['Model', model],
    ['Status', status],
    ['Started', timeOf(startedAt)],
    ['Ended', timeOf(completedAt)],
    ['Verdict', verdictStatus],
  ];
  yield markdownHead({
    name: `Transcript of ${name ?? id}`,
    facts: facts.flatMap(([fact, value]) => (value === null ? [] : [[fact, value] as const])),
  });
  for (let index = 0; index < (transcript?.count ?? 0); index += 1) {
    const entry = transcript?.at(index);
    if (entry !== undefined) yield `\n${markdownOf(entry)}`;
  }
}

/** The whole Markdown, in turns with other work. */
export function* markdownFile(dispatch: Dispatch, transcript: Transcript | undefined): Steps<string> {
  const parts: string[] = [];
  for (const part of markdownParts(dispatch, transcript)) {
    parts.push(part, '\n');
    yield;
  }
  return parts.join('');
}

function timeOf(seconds: number | null): string | null {
  return seconds === null ? null : new Date(seconds * 1000).toISOString();
}
