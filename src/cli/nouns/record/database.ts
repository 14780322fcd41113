/** `ic init|version|health` (`docs/design/formats.md#files`). */
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { SCHEMA_VERSION } from '../../../kernel/db/schema/schema';
import { KernelError } from '../../../kernel/errors/errors';
import type { CliCommand, CliContext } from '../../command/command';
import { EXIT } from '../../command/command';
import { SURFACE_VERSION } from '../../host/version';

const MIN_FREE_BYTES = 10 * 1024 * 1024;

const init: CliCommand = {
  words: ['init'],
  summary: 'Create the database of this project, or migrate it to the current schema.',
  json: true,
  exits: { 2: 'the database could not be created' },
  async run(context) {
    const { initializeSession } = await import('../../command/session.js');
    const file = await initializeSession({
      flags: context.flags,
      cwd: context.cwd,
      env: context.env,
      name: context.name,
    });
    if (context.flags.json) context.out.map({ path: file, schema: SCHEMA_VERSION });
    else context.out.line(`initialized ${file} (schema v${SCHEMA_VERSION})`);
    return EXIT.ok;
  },
};

const version: CliCommand = {
  words: ['version'],
  summary: 'Show the version of the command and of the database.',
  json: true,
  async run(context) {
    const schema = await schemaVersion(context);
    if (context.flags.json) context.out.map({ version: SURFACE_VERSION, schema });
    else {
      context.out.line(`ic ${SURFACE_VERSION}`);
      context.out.line(schema === null ? 'schema: unknown (no database)' : `schema: v${schema}`);
    }
    return EXIT.ok;
  },
};

/** Null if no database can be opened. */
async function schemaVersion(context: CliContext): Promise<number | null> {
  try {
    return (await context.session()).schemaVersion;
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    return null;
  }
}

const health: CliCommand = {
  words: ['health'],
  summary: 'Check whether the database can be used.',
  json: true,
  exits: { 2: 'it cannot; a message says why' },
  async run(context) {
    const session = await context.session();
    // The session has reported the reason.
    if (session.newer !== undefined) return EXIT.failure;
    if (session.schemaVersion === 0) {
      context.out.message("health: database not migrated — run 'ic init'");
      return EXIT.failure;
    }
    const space = await statfs(path.dirname(session.path));
    const free = space.bavail * space.bsize;
    if (free < MIN_FREE_BYTES) {
      context.out.message(`health: disk full: ${free} bytes available (need ${MIN_FREE_BYTES})`);
      return EXIT.failure;
    }
    if (await session.kernel.hasLeftLog()) {
      context.out.message('health: a program stopped and left a write-ahead log; the next write merges it');
    }
    if (context.flags.json) context.out.map({ status: 'ok', schema: session.schemaVersion, free_bytes: free });
    else context.out.line('ok');
    return EXIT.ok;
  },
};

export const DATABASE_COMMANDS: readonly CliCommand[] = [init, version, health];
