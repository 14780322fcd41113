/**
 * A log with a size limit: beyond it the middle is cut, so that its start and its newest part are kept. A line states
 * how much was cut. Positions in the agent's whole output translate to positions in the file, so a reader continues at
 * its position. Shared with the launcher, so it imports nothing but Node.
 */
import type { FileHandle } from 'node:fs/promises';

/** How much of the start is kept. Every log that is cut is cut here. */
export const HEAD_BYTES = 256 * 1024;

/** Below this a limit would cut more than it keeps. */
export const MIN_LIMIT_BYTES = 1024 * 1024;

/** The missing part of a log. */
export interface Cut {
  /** Bytes of the agent's output. */
  readonly cutBytes: number;
  /** Length of the line about it, with the line ends around it. */
  readonly lineBytes: number;
}

const NO_CUT: Cut = { cutBytes: 0, lineBytes: 0 };

/** Longer than the line ever is. */
const MAX_LINE_BYTES = 100;
const LINE = /^\n\[intercore\] [\d.]+ MB were cut here \((\d+) bytes\)\.\n/;

export function cutLine(cutBytes: number): string {
  return `\n[intercore] ${(cutBytes / 1024 / 1024).toFixed(1)} MB were cut here (${cutBytes} bytes).\n`;
}

/**
 * The missing part of an open log. An agent that prints such a line in the right place only misleads its own readers.
 */
export async function readCut(file: FileHandle): Promise<Cut> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_LINE_BYTES), 0, MAX_LINE_BYTES, HEAD_BYTES);
  const found = LINE.exec(buffer.toString('latin1', 0, bytesRead));
  const cutBytes = Number(found?.[1]);
  return found === null || !Number.isSafeInteger(cutBytes) ? NO_CUT : { cutBytes, lineBytes: found[0].length };
}

/** Where in the file a position of the output is; the line itself where that part was cut. */
export function inFile(position: number, { cutBytes, lineBytes }: Cut): number {
  if (position <= HEAD_BYTES) return position;
  if (position < HEAD_BYTES + cutBytes) return HEAD_BYTES;
  return position - cutBytes + lineBytes;
}

/** Which position of the output a place in the file is; within the line, where the output continues after it. */
export function inOutput(offset: number, { cutBytes, lineBytes }: Cut): number {
  if (offset <= HEAD_BYTES) return offset;
  return Math.max(HEAD_BYTES + cutBytes, offset - lineBytes + cutBytes);
}
