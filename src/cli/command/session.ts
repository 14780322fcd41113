/**
 * The database of a command line, opened by the kernel that the editor uses
 * (`docs/design/commandLine.md#finding-the-database`).
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { KernelError } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';
import type { GateTier } from '../../kernel/gate/model';
import { getRun } from '../../kernel/run/record/queries';
import type { Reader, Sync, Unit } from '../../kernel/unit';
import { systemPorts } from '../../host/clock';
import { silentLog } from '../../host/log';
import { DATABASE_FOLDER, DATABASE_NAME, databaseLocation, type DatabaseLocation } from '../../host/files/paths';
import { CheckedFiles } from '../../host/image/checkedFiles';
import { nativeLoader } from '../../host/native/nativeSqlite';
import { baselineModule } from '../../host/wasm/baselineWasm';
import { engineLoader } from '../../host/wasm/sqliteWasm';
import { checkedFilesFolder } from '../../host/state/stateFolder';
import { ProjectKernel, type KernelDeps } from '../../services/record/kernels';
import type { PortfolioKernels } from '../../services/portfolio/home/authority';
import type { GateOutsideFacts, PortfolioLinks } from '../../services/portfolio/snapshot/links';
import type { GlobalFlags } from '../grammar/argv';
import { busyTimeoutOf, longestPauseOf } from '../host/busyTimeout';
import { refuseOthersRecord } from '../host/recordOwner';

const RELATIVE = path.join(DATABASE_FOLDER, DATABASE_NAME);
/** How long to wait for the record of a portfolio's child (`docs/design/portfolios.md#relay`). */
const CHILD_BUSY_TIMEOUT_MS = 500;
/** State that hooks write very often. Signing each write would only make the record grow. */
const BOOKKEEPING = /^(state|sentinel|lock|events|interspect)\b/;

export interface SessionInput {
  readonly flags: GlobalFlags;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The words of the command, for the signature of what it writes. */
  readonly name: string;
}

/** An open database. */
export class Session {
  hasWritten = false;
  /** Whether this call changed the record, by `write` or in services. */
  hasChanged = false;

  constructor(
    readonly kernel: ProjectKernel,
    private readonly deps: KernelDeps,
  ) {
    kernel.onDidChange(({ origin }) => {
      if (origin === 'commit') this.hasChanged = true;
    });
  }

  get path(): string {
    return this.kernel.path;
  }

  /** The file's own schema version, before any migration in memory. */
  get schemaVersion(): number {
    return this.kernel.fileVersion ?? 0;
  }

  /** Why nothing can be written, if a newer program wrote the file. */
  get newer(): KernelError | undefined {
    const { state } = this.kernel;
    return state.kind === 'readOnly' && state.error.code === 'DATABASE_NEWER' ? state.error : undefined;
  }

  read<T>(work: (reader: Reader) => Sync<T>): T {
    return this.kernel.read(work);
  }

  write<T>(work: (unit: Unit) => Sync<T>): Promise<T> {
    this.hasWritten = true;
    return this.kernel.write(work);
  }

  refresh(): Promise<void> {
    return this.kernel.refresh();
  }

  /** The current phase of a run, inside a transaction. */
  phaseOf(reader: Reader, runId: string): string {
    return getRun(reader, runId).phase;
  }

  /**
   * What a run's gate reads from other databases, brought up to date.
   * @throws KernelError as `PortfolioLinks.outsideFacts`
   */
  async outsideFacts(runId: string, tier: GateTier): Promise<GateOutsideFacts> {
    if (tier === 'none') return {};
    return this.withLinks((links) => links.outsideFacts(this.kernel, runId, tier));
  }

  /** Runs `work` with links from runs to related runs in other databases. */
  async withLinks<T>(work: (links: PortfolioLinks) => Promise<T>): Promise<T> {
    const { PortfolioLinks } = await import('../../services/portfolio/snapshot/links.js');
    const openKernel = (folder: string): ProjectKernel | undefined =>
      databaseLocation(folder).path === this.path ? this.kernel : undefined;
    const links = new PortfolioLinks({ kernelDeps: this.deps, openKernel });
    try {
      return await work(links);
    } finally {
      await links.dispose();
    }
  }

  /** The kernel of another project; the caller closes it. */
  projectKernel(folder: string): ProjectKernel {
    return new ProjectKernel(databaseLocation(folder), { ...this.deps, busyTimeoutMs: CHILD_BUSY_TIMEOUT_MS });
  }

  /** Runs `work` on a portfolio of this database and the records of its children's projects. */
  async withChildren<T>(work: (portfolio: PortfolioKernels) => Promise<T>): Promise<T> {
    const kernels = new Map<string, ProjectKernel>();
    const childKernel = (folder: string): ProjectKernel => {
      const location = databaseLocation(folder);
      if (location.path === this.path) return this.kernel;
      const kernel = kernels.get(location.path) ?? new ProjectKernel(location, this.deps);
      kernels.set(location.path, kernel);
      return kernel;
    };
    try {
      return await work({ kernel: this.kernel, childKernel });
    } finally {
      for (const kernel of kernels.values()) await kernel.dispose();
    }
  }

  close(): Promise<void> {
    return this.kernel.dispose();
  }
}

/**
 * Opens the database for reading and writing.
 * @throws KernelError if it is missing or damaged, or its path is not acceptable
 */
export async function openSession(input: SessionInput): Promise<Session> {
  const deps = kernelDepsOf(input);
  const kernel = kernelAt(input, deps);
  await kernel.load();
  if (kernel.state.kind === 'missing') throw new KernelError('DATABASE_MISSING', { path: kernel.path });
  if (kernel.state.kind === 'failed') throw kernel.state.error;
  return new Session(kernel, deps);
}

/** The record of this call, even if missing or damaged, and another database next to it if there is one. */
export async function kernelsFor(
  input: SessionInput,
  beside: (folder: string) => DatabaseLocation | undefined,
): Promise<{
  readonly kernel: ProjectKernel;
  readonly portfolio: ProjectKernel | undefined;
  readonly close: () => Promise<void>;
}> {
  const deps = kernelDepsOf(input);
  const kernel = kernelAt(input, deps);
  const location = beside(kernel.folder);
  const portfolio = location === undefined ? undefined : new ProjectKernel(location, deps);
  await Promise.all([kernel.load(), portfolio?.load()]);
  return {
    kernel,
    portfolio,
    close: async () => {
      await Promise.all([kernel.dispose(), portfolio?.dispose()]);
    },
  };
}

/** Creates the database, or saves it at the current schema. Returns its path. */
export async function initializeSession(input: SessionInput): Promise<string> {
  // An agent that creates a record wants a new one, not the one of its own work.
  const kernel = kernelAt({ ...input, env: {} }, kernelDepsOf(input));
  await kernel.initialize();
  await kernel.dispose();
  return kernel.path;
}

function kernelAt(input: SessionInput, deps: KernelDeps): ProjectKernel {
  const file = databaseFile(input);
  refuseOthersRecord(file, input.env);
  const parent = path.dirname(file);
  const folder = path.basename(parent) === DATABASE_FOLDER ? path.dirname(parent) : parent;
  return new ProjectKernel({ folder, path: file }, deps);
}

/** The dependencies of this call's kernels. */
export function kernelDepsOf({ flags, env, name }: Pick<SessionInput, 'flags' | 'env' | 'name'>): KernelDeps {
  const busyTimeoutMs = flags.timeoutMs ?? busyTimeoutOf(env);
  const dispatchId = env['INTERCORE_DISPATCH_ID'];
  const caller = dispatchId === undefined ? 'ic' : `agent ${dispatchId}`;
  const signature = BOOKKEEPING.test(name) ? undefined : { caller, operation: `ic ${name}` };
  return {
    engine: engineLoader(baselineModule),
    native: nativeLoader(false),
    ports: systemPorts,
    log: silentLog,
    busyTimeoutMs,
    longestPauseMs: longestPauseOf(env),
    watch: false,
    trusted: () => true,
    signature: () => signature,
    checked: new CheckedFiles(checkedFilesFolder(env)),
    admit: (database) => refuseOthersRecord(database, env),
  };
}

/**
 * `--db`, else the database of the dispatch that calls, else the nearest one upwards, else the path for one here. A
 * worktree may hold a record that git tracks by mistake, and so may a home folder; an agent uses that of its own work.
 */
function databaseFile(input: SessionInput): string {
  const { flags, cwd } = input;
  const own = databaseOfDispatch(input);
  if (flags.db !== undefined) return flags.db === own ? own : checkedPath(flags.db, cwd);
  if (own !== undefined) return own;
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, RELATIVE);
    if (existsSync(candidate)) return candidate;
    if (folder === path.dirname(folder)) return path.join(cwd, RELATIVE);
  }
}

/** A worktree is outside the project, so the environment of an agent names its record (`docs/design/agents.md`). */
function databaseOfDispatch({ env }: SessionInput): string | undefined {
  const own = env['INTERCORE_DISPATCH_ID'] === undefined ? undefined : env['INTERCORE_DB'];
  return own !== undefined && path.isAbsolute(own) && existsSync(own) ? own : undefined;
}

/** The rules for `--db`: the extension, no `..`, and below the current directory. */
function checkedPath(given: string, cwd: string): string {
  const clean = path.normalize(given);
  if (path.extname(clean) !== '.db' && path.basename(clean) !== '.db') {
    throw new KernelError('DATABASE_PATH', { path: given, problem: because('db path must have .db extension') });
  }
  if (clean.includes('..')) {
    throw new KernelError('DATABASE_PATH', { path: given, problem: because("db path must not contain '..'") });
  }
  const absolute = path.resolve(cwd, clean);
  if (!absolute.startsWith(`${cwd}${path.sep}`)) {
    throw new KernelError('DATABASE_PATH', {
      path: given,
      problem: because('db path must be under current directory'),
    });
  }
  return absolute;
}
