import { commonJs } from './commonJs.mjs';
import { fewLateParts } from './lateParts.mjs';
import { production } from './project.mjs';
import { programs } from './programs.mjs';

const partedPrograms = {
  ...programs,
  entryPoints: {
    extension: 'src/extension.ts',
    'ic-mcp': 'src/cli/mcp/serve.ts',
    'ic-lead': 'src/cli/lead/lead.ts',
    'session-host': 'src/host/session/sessionHost.ts',
    inspector: 'src/host/image/inspector.ts',
  },
};

/**
 * The extension, `ic mcp`, the leader, the session host, and the thread that checks a new database, in parts: what they
 * share, what a window starts with, and what is loaded when it is asked for. esbuild splits ECMAScript modules only, so
 * each of them is then turned into what VS Code loads.
 */
export const parts = {
  ...partedPrograms,
  format: 'esm',
  splitting: true,
  chunkNames: 'part-[name]-[hash]',
  sourcemap: production ? false : 'inline',
  metafile: true,
  plugins: [...programs.plugins, fewLateParts(partedPrograms), commonJs],
};
