/** `ic mcp`: starts the server, which is a separate bundle so that other commands do not load it. */
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as Serving from '../../mcp/serve';
import { EXIT, type CliCommand } from '../../command/command';
import { textOf } from '../../grammar/values';

const mcp: CliCommand = {
  words: ['mcp'],
  byFolder: true,
  summary: 'Serve the operations of Intercore over the Model Context Protocol, on standard input and output.',
  operands: '[<folder>...]',
  strict: true,
  flags: [
    { name: 'workspace', value: 'FILE', doc: 'The .code-workspace file with portfolios to serve' },
    { name: 'core', doc: 'List only the core tools; the others can be called too' },
  ],
  exits: { 2: 'a folder or a setting cannot be used, or answers cannot be written' },
  examples: ['ic mcp', 'ic mcp /projects/shop /projects/api --workspace=/projects/shop.code-workspace'],
  async run(context) {
    const bundle = path.join(__dirname, 'ic-mcp.js');
    // The bundle exports what its source exports.
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
