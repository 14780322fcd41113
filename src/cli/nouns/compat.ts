/** `ic compat …`: what of the files that scripts used before the database is still about (`spec/kernel.md` §11). */
import { readdir } from 'node:fs/promises';
import { KernelError } from '../../kernel/errors';
import { listStateScopes } from '../../kernel/state/service';
import type { CliCommand } from '../command';
import { EXIT } from '../command';
import { positional } from '../values';

/** State key → pattern of the legacy files in the temporary directory. */
const LEGACY: readonly (readonly [string, RegExp])[] = [
  ['dispatch', /^clavain-dispatch-.*\.json$/],
  ['stop', /^clavain-stop-/],
  ['compound_throttle', /^clavain-compound-last-/],
  ['drift_throttle', /^clavain-drift-last-/],
  ['handoff', /^clavain-handoff-/],
  ['autopub', /^clavain-autopub.*\.lock$/],
  ['catalog_remind', /^clavain-catalog-remind-.*\.lock$/],
  ['discovery_brief', /^clavain-discovery-brief-.*\.cache$/],
];
const LEGACY_FOLDER = '/tmp';

const status: CliCommand = {
  words: ['compat', 'status'],
  summary: 'Which state lives in legacy files and which in the database.',
  async run(context) {
    const files = await readdir(LEGACY_FOLDER);
    const session = await context.session().catch((error: unknown) => {
      if (error instanceof KernelError) return undefined;
      throw error;
    });
    context.out.line('KEY\t\t\tLEGACY\tDB');
    for (const [key, pattern] of LEGACY) {
      const legacy = files.some((file) => pattern.test(file)) ? 'yes' : 'no';
      const stored = session?.read((reader) => listStateScopes(reader, key));
      const db = stored === undefined ? 'n/a' : stored.length > 0 ? 'yes' : 'no';
      context.out.row(key.padEnd(20), legacy, db);
    }
    return EXIT.ok;
  },
};

const check: CliCommand = {
  words: ['compat', 'check'],
  summary: 'Whether the database holds state under a key.',
  operands: '<key>',
  exits: { 1: 'it does not, or there is no database' },
  async run(context) {
    const key = positional(context.args, 0, context.usage);
    const session = await context.session().catch((error: unknown) => {
      if (!(error instanceof KernelError)) throw error;
      context.out.message(`compat check: ${error.message}`);
      return undefined;
    });
    if (session === undefined) return EXIT.negative;
    const scopes = session.read((reader) => listStateScopes(reader, key));
    context.out.line(scopes.length > 0 ? `${key}: ${scopes.length} scope(s) in DB` : `${key}: not in DB`);
    return scopes.length > 0 ? EXIT.ok : EXIT.negative;
  },
};

export const COMPAT_COMMANDS: readonly CliCommand[] = [status, check];
