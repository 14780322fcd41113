/**
 * The parts of portfolio snapshots. Reused over several snapshots, so that only changes are read again: everything of
 * the portfolios' database after it changes, and each child's database after that one changes.
 */
import path from 'node:path';
import { runTokens } from '../../../kernel/budget/service';
import { countActive } from '../../../kernel/dispatch/service';
import { isKernelError, KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import type { RunId } from '../../../kernel/ids';
import { kahnOrder } from '../../../kernel/portfolio/graph';
import { portfolioDatabaseOf } from '../../../kernel/portfolio/home';
import type { DependencyEdge } from '../../../kernel/portfolio/model';
import { readChild, relayMark, type RelayMark } from '../../../kernel/portfolio/relay';
import { listDependencies } from '../../../kernel/portfolio/service';
import { lastPhase, phaseAfter } from '../../../kernel/run/record/chain';
import { isTerminal } from '../../../kernel/run/record/machine';
import type { Run, RunList } from '../../../kernel/run/record/model';
import { findRun, getRun, listRuns, skippedPhases } from '../../../kernel/run/record/queries';
import type { Reader } from '../../../kernel/unit';
import { refusalOf } from '../../record/kernelState';
import type { ProjectKernel } from '../../record/projectKernel';
import type { ChildSnapshot } from '../home/model';

/** The databases of a portfolio and its children, for reading. */
export interface PortfolioRecords {
  readonly kernel: ProjectKernel;
  childKernel(projectDir: string): ProjectKernel;
  isOpen(projectDir: string): boolean;
}

/** A portfolio according to its own database. */
export interface StoredPortfolio {
  readonly run: Run;
  /** Oldest first. */
  readonly children: readonly Run[];
  readonly invalid: RunList['invalid'];
  readonly edges: readonly DependencyEdge[];
  /** Projects of the edges, upstream first, without those on a cycle or downstream of one. */
  readonly order: readonly string[];
  /** The relay position of each child. */
  readonly marks: ReadonlyMap<RunId, RelayMark>;
}

type Figures = Pick<ChildSnapshot, 'run' | 'activeDispatches' | 'tokens'> & {
  /** The phase that an advance would enter; undefined for an ended child and one outside its chain. */
  readonly nextPhase: string | undefined;
};

/** A child according to its source. */
export type ChildReading = Figures & Pick<ChildSnapshot, 'source' | 'unrelayed'>;

interface CachedPortfolio {
  readonly generation: number;
  readonly stored: StoredPortfolio;
  /** For children whose rows are authoritative; read on first use. */
  readonly rows: Map<RunId, Figures>;
}

interface CachedChild {
  readonly kernel: ProjectKernel;
  readonly generation: number;
  readonly mark: RelayMark;
  readonly reading: ChildReading | undefined;
}

/** The maximum count of unrelayed events of one child. */
const MOST_UNRELAYED = 1000;

export class PortfolioReadings {
  private readonly portfolios = new Map<string, CachedPortfolio>();
  private readonly own = new Map<RunId, CachedChild>();

  constructor(private readonly home: PortfolioRecords) {}

  /** @throws KernelError `NOT_FOUND`, `ROW_INVALID`, or what the kernel's state says. */
  portfolio(portfolioId: string): StoredPortfolio {
    return this.kept(portfolioId).stored;
  }

  /** A child of a portfolio from its authoritative source. Never throws for problems with its project. */
  child(portfolioId: string, mirror: Run): ChildReading {
    const kept = this.kept(portfolioId);
    try {
      const own = this.ownOf(mirror, kept.stored.marks.get(mirror.id) ?? NEVER_RELAYED);
      return own ?? { ...this.row(kept, mirror), source: { kind: 'row' }, unrelayed: 0 };
    } catch (error) {
      if (!isKernelError(error)) throw error;
      // The last known state, with the same blockers.
      return { ...this.row(kept, mirror), source: { kind: 'unreadable', problem: error }, unrelayed: 0 };
    }
  }

  private kept(portfolioId: string): CachedPortfolio {
    const { kernel } = this.home;
    const known = this.portfolios.get(portfolioId);
    const { generation } = kernel;
    // A database that has become unreadable reports that itself.
    if (known?.generation === generation && isReadable(kernel)) return known;
    const stored = kernel.read((r) => readPortfolio(r, portfolioId));
    const fresh = { generation, stored, rows: new Map<RunId, Figures>() };
    this.portfolios.set(portfolioId, fresh);
    return fresh;
  }

  private row({ rows }: CachedPortfolio, mirror: Run): Figures {
    const known = rows.get(mirror.id);
    if (known !== undefined) return known;
    const figures = this.home.kernel.read((r) => figuresOf(r, mirror));
    rows.set(mirror.id, figures);
    return figures;
  }

  /** Undefined if the project's own database never held the child's run. @throws KernelError if it may have. */
  private ownOf(mirror: Run, mark: RelayMark): ChildReading | undefined {
    const kernel = readableChild(this.home, mirror, mark);
    if (kernel === undefined) return undefined;
    const known = this.own.get(mirror.id);
    const { generation } = kernel;
    if (known?.kernel === kernel && known.generation === generation && sameMark(known.mark, mark)) return known.reading;
    const reading = kernel.read((r) => readOwn(r, mirror, mark));
    this.own.set(mirror.id, { kernel, generation, mark, reading });
    return reading;
  }
}

const NEVER_RELAYED: RelayMark = { cursor: 0, seen: undefined };

function sameMark(one: RelayMark, other: RelayMark): boolean {
  return one.cursor === other.cursor && one.seen?.at === other.seen?.at;
}

function isReadable({ state }: ProjectKernel): boolean {
  return state.kind === 'ready' || state.kind === 'readOnly';
}

function readPortfolio(r: Reader, portfolioId: string): StoredPortfolio {
  const run = getRun(r, portfolioId);
  if (run.projectDir !== '') throw new KernelError('NOT_FOUND', { what: 'portfolio', id: portfolioId });
  const { runs, invalid } = listRuns(r, { parentRunId: run.id });
  const children = [...runs].reverse();
  const edges = listDependencies(r, run.id).map(({ upstream, downstream }) => ({ upstream, downstream }));
  const marks = new Map(children.map((child) => [child.id, relayMark(r, run.id, child)]));
  return { run, children, invalid, edges, order: kahnOrder(edges), marks };
}

/**
 * The kernel of a project's own database; undefined if it never had one. @throws KernelError if it cannot be read or no
 * longer exists.
 */
function readableChild(home: PortfolioRecords, mirror: Run, mark: RelayMark): ProjectKernel | undefined {
  const { projectDir } = mirror;
  if (!path.isAbsolute(projectDir)) {
    throw new KernelError('DATABASE_PATH', {
      path: projectDir,
      problem: because('the project path of a child must be absolute'),
    });
  }
  const kernel = home.childKernel(projectDir);
  const hadOwn = mark.seen !== undefined || portfolioDatabaseOf(mirror) !== undefined;
  if (kernel.path === home.kernel.path || (kernel.state.kind === 'missing' && !hadOwn)) return undefined;
  if (isReadable(kernel)) return kernel;
  throw refusalOf(kernel.state, kernel.path);
}

/** Undefined if that database never held the child's run. @throws KernelError if it did and no longer does. */
function readOwn(r: Reader, mirror: Run, mark: RelayMark): ChildReading | undefined {
  const { events } = readChild(r, mirror, mark, MOST_UNRELAYED);
  const run = findRun(r, mirror.id);
  return run && { ...figuresOf(r, run), source: { kind: 'own' }, unrelayed: events.length };
}

function figuresOf(r: Reader, run: Run): Figures {
  const scope = run.scopeId ?? run.id;
  const canAdvance = !isTerminal(run.status) && run.phases.includes(run.phase) && run.phase !== lastPhase(run);
  return {
    run,
    activeDispatches: countActive(r, scope),
    tokens: runTokens(r, scope).totalTokens,
    nextPhase: canAdvance ? phaseAfter(run, skippedPhases(r, run.id)) : undefined,
  };
}
