/**
 * Faults of git and of files in the stages of a leader: at the first command of git, or the first call of the file system,
 * that a stage reaches at a point, once for each point. Real programs fail and real calls are refused; none of our code is
 * replaced, so a stage that is added is covered by being one.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { timeLimits, type TimeLimits } from '../../../src/host/git/config/timeLimits';
import type { StageName } from '../../../src/kernel/tasks/stage/stages';
import { randomOf } from '../hostile/random';

/** How git fails: what the program of that name does instead. */
const GIT_FAULTS = {
  'git exits with 128': 'echo "fatal: the injected fault" >&2; exit 128',
  'git is killed': 'kill -9 $$',
  'git hangs': 'exec sleep 600',
} as const;
type GitFault = keyof typeof GIT_FAULTS;

const WRITES = ['writeFile', 'mkdir', 'rename', 'copyFile', 'symlink', 'link', 'appendFile', 'open'] as const;
const READS = ['readFile', 'readdir', 'readlink', 'open'] as const;
const REMOVALS = ['rm', 'unlink', 'rmdir'] as const;

/**
 * Which calls can fail so. That a path leads to nothing, or to nothing that may be seen, is an answer where paths are
 * compared, so checking one does not fail, and only reading a content finds nothing there.
 */
const FILE_FAULTS = {
  ENOSPC: WRITES,
  EACCES: [...WRITES, ...READS, ...REMOVALS],
  ENOENT: ['readFile', 'open'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
type FileFault = keyof typeof FILE_FAULTS;

export type Fault = GitFault | FileFault | 'worktree removed';

/** One run of a stage for a subject. */
export interface Visit {
  readonly stage: StageName;
  readonly subject: string;
  gitCalls: number;
  fileCalls: number;
  fault: { readonly fault: Fault; readonly point: string } | undefined;
  /** Another stage has started for the subject: what is still running of this one is not the stage. */
  isOver: boolean;
  /** Called once the fault is injected. */
  readonly onFault: () => void;
}

/** One call is found hanging this soon. */
const HANGING: TimeLimits = { quick: 400, walk: 400, checkout: 400, network: 400, sign: 400 };

export interface StageFaultsOptions {
  readonly seed: number;
  /** The part of the points of git, and of the file system, that fail: from 0 to 1. The first of a stage always does. */
  readonly shares: { readonly git: number; readonly file: number };
  /** Where the programs that fail are put. */
  readonly folder: string;
  /** Below which calls of the file system fail. */
  readonly roots: readonly string[];
  /** Those of them whose files are expected to be there: elsewhere "not there" is an answer. */
  readonly expected: readonly string[];
}

export class StageFaults {
  private readonly visits = new AsyncLocalStorage<Visit>();
  private readonly latest = new Map<string, Visit>();
  private readonly restore: (() => void)[] = [];
  private readonly failed = new Set<string>();
  /** Stages with a fault, and all that ran git or used a file. */
  readonly faulty = new Set<StageName>();
  readonly reached = new Set<StageName>();

  constructor(private readonly options: StageFaultsOptions) {
    for (const [fault, script] of Object.entries(GIT_FAULTS)) {
      const folder = this.programs(fault);
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, 'git'), `#!/bin/sh\n${script}\n`);
      chmodSync(path.join(folder, 'git'), 0o755);
    }
    const calls: ReadonlySet<string> = new Set(Object.values(FILE_FAULTS).flat());
    for (const name of calls) this.refuse(name);
  }

  /** A stage starts. Call at the start of each, in its own context. */
  enter(stage: StageName, subject: string, worktree: string | null, onFault: () => void): Visit {
    const before = this.latest.get(subject);
    if (before !== undefined) before.isOver = true;
    const visit: Visit = { stage, subject, gitCalls: 0, fileCalls: 0, fault: undefined, isOver: false, onFault };
    this.latest.set(subject, visit);
    this.visits.enterWith(visit);
    if (worktree !== null && this.isDue(visit, `${stage} worktree`, 1, () => 'worktree removed') !== undefined) {
      rmSync(worktree, { recursive: true, force: true });
    }
    return visit;
  }

  /** What git is given, read for each command: where a fault is due, another program of that name comes first. */
  readonly gitEnvironment: NodeJS.ProcessEnv = new Proxy(
    { ...process.env },
    { get: (real, name) => (name === 'PATH' ? this.path(real['PATH'] ?? '') : real[String(name)]) },
  );

  /** Short for the command that hangs, which is asked for right after its environment. */
  readonly gitLimits = (): TimeLimits => {
    const visit = this.visits.getStore();
    return visit?.fault?.fault === 'git hangs' && !visit.isOver ? HANGING : timeLimits(600);
  };

  dispose(): void {
    for (const undo of this.restore.splice(0)) undo();
  }

  private path(real: string): string {
    const visit = this.visits.getStore();
    if (visit === undefined) return real;
    const point = `${visit.stage} git ${(visit.gitCalls += 1)}`;
    const kinds = ['git exits with 128', 'git is killed', 'git hangs'] as const;
    const fault = this.isDue(visit, point, visit.gitCalls === 1 ? 1 : this.options.shares.git, (chance) =>
      pick(kinds, chance),
    );
    return fault === undefined ? real : `${this.programs(fault)}:${real}`;
  }

  private programs(fault: string): string {
    return path.join(this.options.folder, fault.replaceAll(' ', '-'));
  }

  /** Once for each point, and once for each visit, so that the failure itself can be recorded. */
  private isDue<F extends Fault>(
    visit: Visit,
    point: string,
    share: number,
    choose: (chance: number) => F | undefined,
  ): F | undefined {
    if (!visit.isOver) this.reached.add(visit.stage);
    if (visit.isOver || visit.fault !== undefined || this.failed.has(point)) return undefined;
    const hash = createHash('sha256').update(point).digest().readUInt32LE(0);
    const chance = randomOf(hash ^ this.options.seed);
    this.failed.add(point);
    if (chance() >= share) return undefined;
    const fault = choose(chance());
    if (fault === undefined) return undefined;
    visit.fault = { fault, point };
    this.faulty.add(visit.stage);
    visit.onFault();
    return fault;
  }

  private refuse(name: string): void {
    const real: unknown = Reflect.get(fs, name);
    if (typeof real !== 'function') throw new Error(`no function ${name}`);
    const kindsOf = (place: string): FileFault[] =>
      FILE_FAULT_NAMES.filter((fault) => FILE_FAULTS[fault].some((call) => call === name)).filter(
        (fault) => fault !== 'ENOENT' || isBelow(this.options.expected, place),
      );
    Reflect.set(fs, name, (...args: readonly unknown[]): unknown => {
      const visit = this.visits.getStore();
      const [place] = args;
      if (visit !== undefined && typeof place === 'string' && isBelow(this.options.roots, place)) {
        const point = `${visit.stage} file ${(visit.fileCalls += 1)}`;
        const fault = this.isDue(visit, point, visit.fileCalls === 1 ? 1 : this.options.shares.file, (chance) =>
          pick(kindsOf(place), chance),
        );
        if (fault !== undefined) return Promise.reject(refusal(fault, name, place));
      }
      const result: unknown = Reflect.apply(real, fs, args);
      return result;
    });
    this.restore.push(() => void Reflect.set(fs, name, real));
  }
}

const FILE_FAULT_NAMES: readonly FileFault[] = ['ENOSPC', 'EACCES', 'ENOENT'];

function isBelow(roots: readonly string[], place: string): boolean {
  return roots.some((root) => place === root || place.startsWith(root + path.sep));
}

function pick<T>(values: readonly T[], chance: number): T | undefined {
  return values[Math.floor(chance * values.length)];
}

/** As the system refuses a call. */
function refusal(code: string, syscall: string, place: string): Error {
  return Object.assign(new Error(`${code}: the injected fault, ${syscall} '${place}'`), { code, syscall, path: place });
}
