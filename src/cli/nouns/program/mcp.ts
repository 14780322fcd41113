/** `ic mcp`: starts the server, which is a bundle of its own, so that no other command has to load it. */
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as Serving from '../../mcp/serve';
import { EXIT, type CliCommand } from '../../command';
import { textOf } from '../../grammar/values';

const mcp: CliCommand = {
  words: ['mcp'],
  byFolder: true,
  summary: 'Serve these operations to programs that speak the Model Context Protocol, over standard input and output.',
  operands: '[<folder>...]',
  strict: true,
  flags: [
    { name: 'workspace', value: 'FILE', doc: 'The .code-workspace file whose portfolios are served, too' },
    { name: 'core', doc: 'List the core verbs alone; the others can be called all the same' },
  ],
  exits: { 2: 'a folder or a setting cannot be used, or answers cannot be written' },
  examples: ['ic mcp', 'ic mcp /projects/shop /projects/api --workspace=/projects/shop.code-workspace'],
  async run(context) {
    const bundle = path.join(__dirname, 'ic-mcp.js');
    // What the bundle exports is what its source does.
    const { serve } = createRequire(bundle)(bundle) as typeof Serving;
    const problem = await serve({
      folders: context.args.positionals,
      workspaceFile: textOf(context.args, 'workspace'),
      isCore: context.args.switches.has('core'),
      cwd: context.cwd,
      env: { ...context.env },
      stopped: context.stopped,
    });
    if (problem === undefined) return EXIT.ok;
    context.out.message(`mcp: output not written: ${problem}`);
    return EXIT.failure;
  },
};

export const MCP_COMMANDS: readonly CliCommand[] = [mcp];
