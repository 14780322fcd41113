/** `ic completion`: scripts that complete command lines in a shell. */
import { UsageError } from '../../grammar/argv';
import type { CliCommand } from '../../command/command';
import { EXIT } from '../../command/command';
import { completionScript, SHELLS } from '../../command/completion';
import { positional } from '../../grammar/values';

/** A function of the command table, because the command is part of the table that it needs. */
export function completionCommand(commands: () => Promise<readonly CliCommand[]>): CliCommand {
  return {
    words: ['completion'],
    byFolder: true,
    summary: 'Print a completion script for a shell: eval "$(ic completion bash)".',
    strict: true,
    operands: SHELLS.join('|'),
    async run(context) {
      const word = positional(context.args, 0, context.usage);
      const shell = SHELLS.find((known) => known === word);
      if (shell === undefined) throw new UsageError(`unknown shell: ${word} (known: ${SHELLS.join(', ')})`);
      context.out.line(completionScript(shell, await commands()));
      return EXIT.ok;
    },
  };
}
