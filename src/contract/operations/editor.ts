/** Commands of the editor, which do no operation. */
import * as z from 'zod';
import { folder } from '../declarations/arguments';
import { confirm, type Gestures } from '../declarations/operation';

/** They belong to no noun of the record. */
export const EDITOR_GESTURES = {
  /** Merged into what the file holds; other servers in it stay. */
  'intercore.mcp.writeConfig': {
    title: 'Write Tool Server Configuration…',
    palette: 'isWorkspaceTrusted && intercore.databasePresent',
    args: z.strictObject({ folder }).extend({ confirm }),
    changes: true,
  },
  'intercore.log.show': { title: 'Show Log', palette: 'always', args: z.strictObject({}), changes: false },
  'intercore.settings.open': { title: 'Open Settings', palette: 'always', args: z.strictObject({}), changes: false },
  'intercore.walkthrough.open': {
    title: 'Open Walkthrough',
    palette: 'always',
    args: z.strictObject({}),
    changes: false,
  },
  /** It makes a workspace of its own and opens it; what is open here is not touched. */
  'intercore.demo.open': {
    title: 'Try the Demo',
    palette: 'isWorkspaceTrusted',
    args: z.strictObject({}),
    changes: true,
  },
  'intercore.demo.remove': {
    title: 'Remove the Demo…',
    palette: 'isWorkspaceTrusted',
    args: z.strictObject({ confirm }),
    changes: true,
  },
} as const satisfies Gestures;
