/**
 * The log of an agent in numbered lines. A reader that continues from the next number misses no line and repeats none.
 */
import { LineCutter } from './output/lines';
import { LogText } from './logText';
import type { OutputParser } from '../../contract/agentKinds';
import type { LogLines } from '../../contract/results/records';
import { readFailure } from '../../host/files/fileErrors';
import { openRegular } from '../../host/files/smallFile';
import type { OwnStorageFile } from '../../host/trusted/insideFolder';

export interface LogPart {
  /** Number of the first line, from 1. */
  readonly fromLine: number;
  readonly limit: number;
  /** Whether the agent has ended, so that a last line without a line end counts. */
  readonly hasEnded: boolean;
}

/**
 * As readable text. Reads the file from its start, because a line may depend on previous lines. An incomplete line is
 * left for later. A missing file is empty. If the middle of a log was cut, the remaining lines are numbered.
 * @throws KernelError `FILE_UNREADABLE`
 */
export async function readLogLines(
  file: OwnStorageFile,
  parser: OutputParser,
  part: LogPart,
): Promise<Omit<LogLines, 'altered'>> {
  const { fromLine, limit, hasEnded } = part;
  const text = new LogText(parser);
  const lines: string[] = [];
  let number = 0;
  const add = (shown: readonly string[]): void => {
    for (const line of shown) {
      number += 1;
      if (number >= fromLine && lines.length < limit) lines.push(line);
    }
  };
  // A long line of a session is shown without its long parts.
  const cutter = new LineCutter((line) => add(text.render(line)), { shortensJson: parser === 'acp' });
  try {
    const handle = await openRegular(file);
    for await (const chunk of handle?.createReadStream() ?? []) {
      cutter.push(chunk as Buffer);
      if (lines.length === limit) break;
    }
  } catch (error) {
    throw readFailure(file, error);
  }
  if (hasEnded && lines.length < limit) {
    cutter.end();
    add(text.end());
  }
  const nextLine = fromLine + lines.length;
  return { lines, nextLine, isComplete: hasEnded && lines.length < limit };
}
