/** The class of an agent's failure, by patterns, which are data. The first match counts. Pure. */
import * as z from 'zod';
import { FAILURE_CLASSES, type FailureClass } from './failureClass';

const MAX_PATTERN_LENGTH = 2000;

const expression = z.string().min(1).max(MAX_PATTERN_LENGTH).refine(isExpression, 'it must be a regular expression');

/** All given conditions must match. */
export const failurePattern = z
  .strictObject({
    class: z.enum(FAILURE_CLASSES),
    /** The agent's own name for the failure. */
    code: z.string().min(1).max(200).optional(),
    /** A regular expression over what the agent reported, or else its last lines; case is ignored. */
    text: expression.optional(),
    exitCode: z.int().optional(),
    /** What a person can do. */
    remedy: z.string().min(1).max(500).optional(),
  })
  .refine(
    ({ code, text, exitCode }) => code !== undefined || text !== undefined || exitCode !== undefined,
    'a code, a text, or an exitCode is needed',
  );
export type FailurePattern = z.infer<typeof failurePattern>;

/** The patterns of one program, with the version of the program that its texts come from. */
export const failurePatterns = z.strictObject({ readFrom: z.string(), patterns: z.array(failurePattern) });

export interface FailureFacts {
  readonly code: string | undefined;
  /** What the agent reported, or undefined. */
  readonly text: string | undefined;
  /** The last lines that are not events. */
  readonly lines: readonly string[];
  readonly exitCode: number | null;
}

export interface Classified {
  readonly class: FailureClass;
  /** The part of the output that shows it. */
  readonly reason: string | undefined;
  readonly remedy: string | undefined;
}

/** Enough of a text for any message of a service; patterns that backtrack stay fast. */
const MOST_TEXT = 4000;

export function classify(patterns: readonly FailurePattern[], facts: FailureFacts): Classified {
  const { code, exitCode } = facts;
  const said = facts.text === undefined ? [...facts.lines].reverse() : [facts.text];
  const texts = said.filter((text) => text.length <= MOST_TEXT);
  for (const pattern of patterns) {
    if (pattern.code !== undefined && pattern.code !== code) continue;
    if (pattern.exitCode !== undefined && pattern.exitCode !== exitCode) continue;
    const shown = pattern.text === undefined ? said[0] : texts.find(matcher(pattern.text));
    if (pattern.text !== undefined && shown === undefined) continue;
    return { class: pattern.class, reason: shown, remedy: pattern.remedy };
  }
  const endedOnItsOwn = exitCode === 0 || facts.text !== undefined;
  return { class: endedOnItsOwn ? 'workNotDone' : 'crash', reason: undefined, remedy: undefined };
}

function matcher(source: string): (text: string) => boolean {
  const pattern = new RegExp(source, 'imu');
  return (text) => pattern.test(text);
}

function isExpression(source: string): boolean {
  try {
    new RegExp(source, 'imu');
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
