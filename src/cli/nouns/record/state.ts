/** `ic state …` and `ic sentinel …` (`docs/design/formats.md#state-entries`). */
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { isInside } from '../../../host/files/paths';
import { KernelError, problemOf } from '../../../kernel/errors/errors';
import { foreignText } from '../../../kernel/errors/reasons/problem';
import {
  checkSentinel,
  deleteState,
  getState,
  listSentinels,
  listStateScopes,
  pruneSentinels,
  pruneState,
  resetSentinel,
  setState,
} from '../../../kernel/state/service';
import { defined } from '../../../kernel/defined';
import { UsageError } from '../../grammar/argv';
import type { CliCommand, CliContext } from '../../command/command';
import { EXIT } from '../../command/command';
import { exactText } from '../../command/texts';
import { durationOf, integerOf, positional } from '../../grammar/values';

const set: CliCommand = {
  words: ['state', 'set'],
  summary: 'Store a JSON document, from stdin or from @FILE.',
  operands: '<key> <scope> [@FILE]',
  flags: [{ name: 'ttl', value: 'DURATION', doc: 'How long to keep it (forever)', spaced: true }],
  exits: { 2: 'the key or the document is invalid' },
  async run(context) {
    const key = positional(context.args, 0, context.usage);
    const scopeId = positional(context.args, 1, context.usage);
    const ttlMs = durationOf(context.args, 'ttl');
    if (ttlMs !== undefined && ttlMs > 0 && ttlMs < 1000) {
      context.out.message('state set: ttl must be at least 1s');
      return EXIT.failure;
    }
    const document = await documentOf(context);
    const session = await context.session();
    const ttlSec = ttlMs === undefined || ttlMs <= 0 ? undefined : Math.floor(ttlMs / 1000);
    try {
      const payload = exactText(document, 'payload');
      await session.write((unit) => setState(unit, { key, scopeId, payload, ...defined({ ttlSec }) }));
    } catch (error) {
      return refused(context, error);
    }
    return EXIT.ok;
  },
};

/** An invalid document or key exits with 2 here; other commands exit with 3. */
function refused(context: CliContext, error: unknown): 2 {
  if (!KernelError.is(error, 'INVALID_ARGUMENT')) throw error;
  context.out.message(`${context.name}: ${error.facts.problem.text}`);
  return EXIT.failure;
}

async function documentOf(context: CliContext): Promise<Buffer> {
  const source = context.args.positionals[2];
  if (source?.startsWith('@') !== true) return context.readStdin();
  const file = path.resolve(context.cwd, source.slice(1));
  try {
    const [real, root] = await Promise.all([realpath(file), realpath(context.cwd)]);
    if (!isInside(root, real)) {
      throw new KernelError('PATH_OUTSIDE', { path: file, folder: context.cwd });
    }
    return await readFile(real);
  } catch (error) {
    if (error instanceof KernelError) throw error;
    throw new KernelError('FILE_UNREADABLE', { path: file, problem: foreignText(problemOf(error)) });
  }
}

const get: CliCommand = {
  words: ['state', 'get'],
  summary: 'Print a stored document.',
  operands: '<key> <scope>',
  exits: { 1: 'no such document, or it has expired' },
  async run(context) {
    const key = positional(context.args, 0, context.usage);
    const scopeId = positional(context.args, 1, context.usage);
    const session = await context.session();
    try {
      const entry = session.read((reader) => getState(reader, key, scopeId));
      if (entry === undefined) return EXIT.negative;
      context.out.line(entry.payload);
    } catch (error) {
      return refused(context, error);
    }
    return EXIT.ok;
  },
};

const remove: CliCommand = {
  words: ['state', 'delete'],
  summary: 'Remove a stored document.',
  operands: '<key> <scope>',
  async run(context) {
    const key = positional(context.args, 0, context.usage);
    const scopeId = positional(context.args, 1, context.usage);
    const session = await context.session();
    try {
      const found = await session.write((unit) => deleteState(unit, key, scopeId));
      context.out.line(found ? 'deleted' : 'not found');
    } catch (error) {
      return refused(context, error);
    }
    return EXIT.ok;
  },
};

const list: CliCommand = {
  words: ['state', 'list'],
  summary: 'List the scopes that have a document under a key.',
  operands: '<key>',
  json: true,
  async run(context) {
    const key = positional(context.args, 0, context.usage);
    const session = await context.session();
    try {
      const scopes = session.read((reader) => listStateScopes(reader, key));
      if (context.flags.json) context.out.json(scopes);
      else for (const scope of scopes) context.out.line(scope);
    } catch (error) {
      return refused(context, error);
    }
    return EXIT.ok;
  },
};

const prune: CliCommand = {
  words: ['state', 'prune'],
  summary: 'Remove documents that have expired.',
  async run(context) {
    const session = await context.session();
    context.out.line(`${await session.write((unit) => pruneState(unit))} pruned`);
    return EXIT.ok;
  },
};

const sentinelCheck: CliCommand = {
  words: ['sentinel', 'check'],
  summary: 'Claim the right to do something now, unless it was done too recently.',
  operands: '<name> <scope>',
  flags: [
    {
      name: 'interval',
      value: 'SECONDS',
      doc: 'Minimum interval; 0: once until reset',
      isRequired: true,
      spaced: true,
    },
  ],
  exits: { 1: 'throttled' },
  async run(context) {
    const name = positional(context.args, 0, context.usage);
    const scopeId = positional(context.args, 1, context.usage);
    const intervalSec = integerOf(context.args, 'interval', { min: 0, wanted: 'non-negative integer' });
    if (intervalSec === undefined) throw new UsageError('--interval is required');
    const session = await context.session();
    const claimed = await session.write((unit) => checkSentinel(unit, { name, scopeId, intervalSec }));
    context.out.line(claimed ? 'allowed' : 'throttled');
    return claimed ? EXIT.ok : EXIT.negative;
  },
};

const sentinelReset: CliCommand = {
  words: ['sentinel', 'reset'],
  summary: 'Delete a sentinel, so that it can fire again.',
  operands: '<name> <scope>',
  async run(context) {
    const name = positional(context.args, 0, context.usage);
    const scopeId = positional(context.args, 1, context.usage);
    const session = await context.session();
    await session.write((unit) => resetSentinel(unit, name, scopeId));
    context.out.line('reset');
    return EXIT.ok;
  },
};

const sentinelList: CliCommand = {
  words: ['sentinel', 'list'],
  summary: 'List all sentinels and when they last fired.',
  json: true,
  async run(context) {
    const session = await context.session();
    const sentinels = session.read(listSentinels);
    if (context.flags.json) {
      context.out.map(
        sentinels.map(({ name, scopeId, lastFired }) => ({ name, scope_id: scopeId, last_fired: lastFired })),
      );
    } else for (const { name, scopeId, lastFired } of sentinels) context.out.row(name, scopeId, lastFired);
    return EXIT.ok;
  },
};

const sentinelPrune: CliCommand = {
  words: ['sentinel', 'prune'],
  summary: 'Delete sentinels that fired long ago.',
  flags: [
    { name: 'older-than', value: 'DURATION', doc: 'Age from which they are deleted', isRequired: true, spaced: true },
  ],
  async run(context) {
    const ageMs = durationOf(context.args, 'older-than');
    if (ageMs === undefined) throw new UsageError('--older-than is required');
    const session = await context.session();
    context.out.line(`${await session.write((unit) => pruneSentinels(unit, Math.floor(ageMs / 1000)))} pruned`);
    return EXIT.ok;
  },
};

export const STATE_COMMANDS: readonly CliCommand[] = [set, get, remove, list, prune];
export const SENTINEL_COMMANDS: readonly CliCommand[] = [sentinelCheck, sentinelReset, sentinelList, sentinelPrune];
