/** `ic lock …`: named locks for scripts, on the file system alone (`docs/design/formats.md#named-locks`). */
import { hostname } from 'node:os';
import { systemClock } from '../../../host/clock';
import { NamedLocks, namedLockBase, type LockOwner, type NamedLock } from '../../../host/locks/namedLocks';
import { KernelError } from '../../../kernel/errors/errors';
import type { CliCommand, CliContext, ExitCode } from '../../command/command';
import { EXIT } from '../../command/command';
import { formatDuration } from '../../grammar/duration';
import { present } from '../../output/output';
import { durationOf, parseInteger, positional, textOf } from '../../grammar/values';

const DEFAULT_WAIT_MS = 1000;
const DEFAULT_STALE_MS = 5000;
const OWNER_FLAG = { name: 'owner', value: 'PID:HOST', doc: "The owner (this process's id and host)" };
const AGE_FLAG = { name: 'older-than', value: 'DURATION', doc: 'Age from which a lock is stale (5s)' };

const locks = ({ env }: Pick<CliContext, 'env'>): NamedLocks => new NamedLocks(systemClock, namedLockBase(env));

/** `X:Y` is a process and a host; anything else is a name for this process. */
function ownerOf(context: CliContext): LockOwner {
  const owner = textOf(context.args, 'owner') ?? `${process.pid}:${hostname()}`;
  const colon = owner.indexOf(':');
  const created = Math.floor(systemClock.nowMs() / 1000);
  if (colon < 0) return { pid: process.pid, host: hostname(), owner, created };
  return { pid: parseInteger(owner.slice(0, colon)) ?? process.pid, host: owner.slice(colon + 1), owner, created };
}

/** An invalid name exits with 2, as in the original. */
async function guarded(
  context: CliContext,
  work: (name: string, scope: string) => Promise<ExitCode>,
): Promise<ExitCode> {
  const name = positional(context.args, 0, context.usage);
  const scope = positional(context.args, 1, context.usage);
  try {
    return await work(name, scope);
  } catch (error) {
    if (!KernelError.is(error, 'INVALID_ARGUMENT')) throw error;
    context.out.message(`${context.name}: invalid lock name or scope`);
    return EXIT.failure;
  }
}

const acquire: CliCommand = {
  words: ['lock', 'acquire'],
  summary: 'Acquire a named lock.',
  timeout: 'How long to wait (1s)',
  operands: '<name> <scope>',
  flags: [OWNER_FLAG],
  exits: { 1: 'another owner holds it', 2: 'the name is invalid' },
  run: (context) =>
    guarded(context, async (name, scope) => {
      const got = await locks(context).acquire(
        name,
        scope,
        ownerOf(context),
        context.flags.timeoutMs ?? DEFAULT_WAIT_MS,
      );
      if (context.flags.verbose) {
        if (got) context.out.line(`acquired ${name}/${scope}`);
        else context.out.message(`lock acquire: timeout waiting for ${name}/${scope}`);
      }
      return got ? EXIT.ok : EXIT.negative;
    }),
};

const release: CliCommand = {
  words: ['lock', 'release'],
  summary: 'Release a named lock.',
  operands: '<name> <scope>',
  flags: [OWNER_FLAG],
  exits: { 1: 'it is not held, or another owner holds it', 2: 'the name is invalid' },
  run: (context) =>
    guarded(context, async (name, scope) => {
      const outcome = await locks(context).release(name, scope, ownerOf(context).owner);
      if (context.flags.verbose) context.out.message(`lock release: ${outcome}`);
      return outcome === 'released' ? EXIT.ok : EXIT.negative;
    }),
};

function printLocks(context: CliContext, found: readonly NamedLock[]): void {
  if (context.flags.json) {
    context.out.map(
      found.map(({ name, scope, owner, ageMs }) => ({
        name,
        scope,
        age_sec: Math.floor(ageMs / 1000),
        ...present({ owner: owner?.owner, pid: owner?.pid, host: owner?.host, created: owner?.created }),
      })),
    );
    return;
  }
  for (const lock of found) {
    const age = lock.owner === undefined ? '' : formatDuration(Math.floor(lock.ageMs / 1000) * 1000);
    context.out.row(lock.name, lock.scope, lock.owner?.owner ?? '', age);
  }
}

const list: CliCommand = {
  words: ['lock', 'list'],
  summary: 'List all named locks.',
  json: true,
  async run(context) {
    printLocks(context, await locks(context).list());
    return EXIT.ok;
  },
};

const stale: CliCommand = {
  words: ['lock', 'stale'],
  summary: 'List named locks that have been held for a long time.',
  json: true,
  flags: [AGE_FLAG],
  async run(context) {
    const ageMs = durationOf(context.args, 'older-than') ?? DEFAULT_STALE_MS;
    printLocks(
      context,
      (await locks(context).list()).filter((lock) => lock.ageMs >= ageMs),
    );
    return EXIT.ok;
  },
};

const clean: CliCommand = {
  words: ['lock', 'clean'],
  summary: 'Remove stale named locks whose process has ended.',
  flags: [AGE_FLAG],
  async run(context) {
    const ageMs = durationOf(context.args, 'older-than') ?? DEFAULT_STALE_MS;
    context.out.line(`${await locks(context).clean(ageMs)} cleaned`);
    return EXIT.ok;
  },
};

export const LOCK_COMMANDS: readonly CliCommand[] = [acquire, release, list, stale, clean];
