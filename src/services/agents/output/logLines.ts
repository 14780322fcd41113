/** The log of an agent by numbered lines: whoever reads on from the next number misses nothing and gets nothing twice. */
import { LineCutter } from './lines';
import { LogText } from '../logText';
import type { OutputParser } from '../../../contract/agentKinds';
import type { LogLines } from '../../../contract/results/records';
import { readFailure } from '../../../host/files/fileErrors';
import { openRegular } from '../../../host/files/smallFile';
import type { OwnStorageFile } from '../../../host/trusted/insideFolder';

export interface LogPart {
  /** Number of the first line, from 1. */
  readonly fromLine: number;
  readonly limit: number;
  /** Whether the agent writes no more, so that a last line without an end counts. */
  readonly hasEnded: boolean;
}

/**
 * As people read it. Reads the file from its start, since what a line says may depend on those before; a line that is
 * not whole yet waits. A file that is not there is empty. Where the middle of a log is cut, the lines that it keeps are
 * numbered.
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
  const cutter = new LineCutter((line) => {
    for (const shown of text.render(line)) {
      number += 1;
      if (number >= fromLine && lines.length < limit) lines.push(shown);
    }
  });
  try {
    const handle = await openRegular(file);
    for await (const chunk of handle?.createReadStream() ?? []) {
      cutter.push(chunk as Buffer);
      if (lines.length === limit) break;
    }
  } catch (error) {
    throw readFailure(file, error);
  }
  if (hasEnded && lines.length < limit) cutter.end();
  const nextLine = fromLine + lines.length;
  return { lines, nextLine, isComplete: hasEnded && lines.length < limit };
}
