/**
 * `ic compat …`: files that scripts used before the database, as far as they still exist
 * (`docs/design/formats.md#named-locks`).
 */
import { readdir } from 'node:fs/promises';
import { KernelError } from '../../../kernel/errors/errors';
import { isStateKey, listStateScopes } from '../../../kernel/state/service';
import type { CliCommand } from '../../command/command';
import { EXIT } from '../../command/command';
import { positional } from '../../grammar/values';

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
  summary: 'Show which state is in legacy files and which is in the database.',
  json: true,
  async run(context) {
    const files = await readdir(LEGACY_FOLDER);
    const session = await context.session().catch((error: unknown) => {
      if (error instanceof KernelError) return undefined;
      throw error;
    });
    const found = LEGACY.map(([key, pattern]) => ({
      key,
      legacy: files.some((file) => pattern.test(file)),
      db: session === undefined ? null : session.read((reader) => listStateScopes(reader, key)).length > 0,
    }));
    if (context.flags.json) {
      context.out.map(found);
      return EXIT.ok;
    }
    const word = (is: boolean | null): string => (is === null ? 'n/a' : is ? 'yes' : 'no');
    context.out.line('KEY\t\t\tLEGACY\tDB');
    for (const { key, legacy, db } of found) context.out.row(key.padEnd(20), word(legacy), word(db));
    return EXIT.ok;
  },
};

const check: CliCommand = {
  words: ['compat', 'check'],
  summary: 'Check whether the database has state under a key.',
  operands: '<key>',
  exits: { 1: 'the database does not have it, or there is no database' },
  async run(context) {
    const key = positional(context.args, 0, context.usage);
    const session = await context.session().catch((error: unknown) => {
      if (!(error instanceof KernelError)) throw error;
      context.out.message(`compat check: ${error.message}`);
      return undefined;
    });
    if (session === undefined) return EXIT.negative;
    // No state can have an invalid key.
    const scopes = isStateKey(key) ? session.read((reader) => listStateScopes(reader, key)) : [];
    context.out.line(scopes.length > 0 ? `${key}: ${scopes.length} scope(s) in DB` : `${key}: not in DB`);
    return scopes.length > 0 ? EXIT.ok : EXIT.negative;
  },
};

export const COMPAT_COMMANDS: readonly CliCommand[] = [status, check];
