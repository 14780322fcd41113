/**
 * The mark of a dispatch that Linux passes to all descendants of its launcher: a limit on the resident memory, which
 * Linux shows but does not enforce. A process keeps it even if it overwrites its environment, leaves its session and
 * loses its parent, and only root can raise it again. The launcher shares this file, so it imports nothing that needs
 * more than Node.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ofAllProcesses, processFileNow } from '../process/system/allProcesses';
import type { LaunchMark } from './dispatchFiles';

/** A limit in kibibytes is `level` times this, plus a number derived from the mark. */
const LEVEL = 2n ** 40n;
/** A dispatch that an agent starts has a lower level: a limit can only be lowered. No level has an effect. */
const HIGHEST_LEVEL = 2n ** 11n;
const KIBIBYTE = 1024n;
const SHELL = '/bin/sh';
/** If the limit cannot be set, the program runs without it. */
const SET_LIMIT = 'ulimit -m "$0" 2>/dev/null; exec "$@"';
/** Elsewhere a limit has fewer bits. */
const WIDE: ReadonlySet<string> = new Set(['x64', 'arm64', 'riscv64', 'ppc64', 's390x', 'loong64']);

/** The command that runs a program under the limit of a mark; the program itself where the system has no such limit. */
export function underLimit(mark: LaunchMark, argv: readonly [string, ...string[]]): [string, string[]] {
  const [program, ...args] = argv;
  const kibibytes = hasLimits() ? limitBelow(limitOf('self'), mark) : undefined;
  if (kibibytes === undefined || !existsSync(SHELL)) return [program, args];
  return [SHELL, ['-c', SET_LIMIT, String(kibibytes), program, ...args]];
}

/** The processes of this user that run under the limit of a mark. Empty where the system does not show limits. */
export async function pidsUnderLimit(mark: LaunchMark): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const wanted = numberOf(mark);
  const found = [...(await ofAllProcesses(limitOf))].flatMap(([pid, bytes]) => (isOf(bytes, wanted) ? [pid] : []));
  const isOwn = await Promise.all(found.map(isOfThisUser));
  return found.filter((_, index) => isOwn[index]);
}

function isOf(bytes: bigint, wanted: bigint): boolean {
  const kibibytes = bytes / KIBIBYTE;
  return bytes % KIBIBYTE === 0n && kibibytes >= LEVEL && kibibytes % LEVEL === wanted;
}

async function isOfThisUser(pid: number): Promise<boolean> {
  const owner = await stat(`/proc/${pid}`).catch(() => undefined);
  return owner?.uid === process.geteuid?.();
}

const hasLimits = (): boolean => process.platform === 'linux' && WIDE.has(process.arch);

/** In kibibytes, below one that a launcher inherits; undefined where that leaves no room. */
export function limitBelow(inheritedBytes: bigint | undefined, mark: LaunchMark): bigint | undefined {
  const inherited = inheritedBytes === undefined ? undefined : inheritedBytes / KIBIBYTE / LEVEL;
  const level = inherited === undefined || inherited > HIGHEST_LEVEL ? HIGHEST_LEVEL : inherited - 1n;
  return level < 1n ? undefined : level * LEVEL + numberOf(mark);
}

/** In bytes; undefined where there is none, and for a process that has ended. */
function limitOf(pid: number | 'self'): bigint | undefined {
  const hard = /^Max resident set +\S+ +(\d+) /m.exec(processFileNow(pid, 'limits') ?? '')?.[1];
  return hard === undefined ? undefined : BigInt(hard);
}

function numberOf(mark: LaunchMark): bigint {
  return BigInt(`0x${createHash('sha256').update(mark).digest('hex').slice(0, 10)}`);
}
