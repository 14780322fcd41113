/** What is known of a portfolio at one moment, as views, commands and `ic` see it (`docs/design/portfolios.md`). */
import type { BudgetState } from '../../kernel/budget/model';
import type { InvalidRow } from '../../kernel/db/rows';
import type { KernelError } from '../../kernel/errors/errors';
import type { Repeat } from '../../kernel/failure/repeats';
import type { RunId } from '../../kernel/ids';
import type { DependencyEdge } from '../../kernel/portfolio/model';
import type { Run } from '../../kernel/run/record/model';

/** How the relay of one portfolio is doing. */
export interface RelayState {
  readonly isPaused: boolean;
  /** When the last cycle ended well, in unix seconds; undefined: not yet. */
  readonly lastCycleAt: number | undefined;
  /** Events carried over since the window opened. */
  readonly relayed: number;
  /** Why the portfolio itself could not be read or written at the last cycle. */
  readonly error: KernelError | undefined;
  /** Children that could not be read at the last attempt; they are tried again with back-off. */
  readonly problems: ReadonlyMap<RunId, KernelError>;
  /** What failed at the last attempt, with its count. */
  readonly failures: readonly RelayFailure[];
}

export interface RelayFailure extends Repeat {
  /** Of the child that could not be read; null: the portfolio itself. */
  readonly projectDir: string | null;
  /** When it is tried again, in seconds. */
  readonly nextAt: number;
}

/** Where a child's state comes from. */
export type ChildSource =
  /** The project's own database holds the run and decides. */
  | { readonly kind: 'own' }
  /** The project has no database, or one without this run: the row in the portfolio is the run. */
  | { readonly kind: 'row' }
  /** The project's database cannot be read: the row is what was known last. */
  | { readonly kind: 'unreadable'; readonly problem: KernelError };

/** An upstream project that a child waits for. */
export interface WaitsFor {
  readonly projectDir: string;
  /** Where it stands. */
  readonly phase: string;
  /** The phase of the child's that it has not reached. */
  readonly needs: string;
}

export interface ChildSnapshot {
  /** The run as its source says it is. */
  readonly run: Run;
  readonly projectDir: string;
  /** Whether the folder is open in this window. */
  readonly isOpen: boolean;
  readonly source: ChildSource;
  /** Direct upstream projects. */
  readonly upstreams: readonly string[];
  /** Upstream projects that hold the child's next phase back; empty for an ended child. */
  readonly waitsFor: readonly WaitsFor[];
  readonly activeDispatches: number;
  /** Tokens of all its dispatches. */
  readonly tokens: number;
  /** Events in its own database that the relay has not carried over yet. */
  readonly unrelayed: number;
}

export interface PortfolioSnapshot {
  readonly run: Run;
  /** Upstream first; projects without dependencies come in the order they were added. */
  readonly children: readonly ChildSnapshot[];
  /** Stored children that cannot be read. */
  readonly invalid: readonly InvalidRow[];
  readonly edges: readonly DependencyEdge[];
  /** The circle that another program stored among the edges. */
  readonly cycle: readonly string[] | undefined;
  readonly relay: RelayState;
  /** Over its own database and those of its children. */
  readonly budget: BudgetState | undefined;
}
