/** A set-up command for display: on one line, so that the problem after it is still visible on a row. */
import { shortened } from '../../../kernel/text/storableText';
import type { CheckCommand } from '../deps';

const LONGEST = 50;
/** The prefix that a proposal puts before the script of another tool (`projectSetup.ts`). */
const VARIABLES = /^export [^;\n]*; /;

/** A script for a shell is shown without the shell. */
export function shownCommand(command: CheckCommand): string {
  const [program, flag, script, ...others] = command;
  const isScript = program === 'sh' && flag === '-c' && script !== undefined && others.length === 0;
  const words = isScript ? script.replace(VARIABLES, '') : command.join(' ');
  return shortened(words.replace(/\s+/g, ' ').trim(), LONGEST);
}
