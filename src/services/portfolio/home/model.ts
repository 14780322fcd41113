/** A snapshot of a portfolio for views, commands and `ic` (`docs/design/portfolios.md`). */
import type { BudgetState } from '../../../kernel/budget/model';
import type { InvalidRow } from '../../../kernel/db/rows';
import type { KernelError } from '../../../kernel/errors/errors';
import type { Repeat } from '../../../kernel/failure/repeats';
import type { RunId } from '../../../kernel/ids';
import type { DependencyEdge } from '../../../kernel/portfolio/model';
import type { Run } from '../../../kernel/run/record/model';

/** The state of a portfolio's relay. */
export interface RelayState {
  readonly isPaused: boolean;
  /** When the last cycle succeeded, in unix seconds; undefined: not yet. */
  readonly lastCycleAt: number | undefined;
  /** Events relayed since the window opened. */
  readonly relayed: number;
  /** Why the last cycle could not read or write the portfolio itself. */
  readonly error: KernelError | undefined;
  /** Children that could not be read at the last attempt; they are retried with back-off. */
  readonly problems: ReadonlyMap<RunId, KernelError>;
  /** The failures of the last attempt, with counts. */
  readonly failures: readonly RelayFailure[];
}

export interface RelayFailure extends Repeat {
  /** The unreadable child; null: the portfolio itself. */
  readonly projectDir: string | null;
  /** When it is retried, in seconds. */
  readonly nextAt: number;
}

/** The source of a child's state. */
export type ChildSource =
  /** The project's own database holds the run and is authoritative. */
  | { readonly kind: 'own' }
  /** The project has no database, or one without this run: the row in the portfolio is the run. */
  | { readonly kind: 'row' }
  /** The project's database cannot be read: the row is what was known last. */
  | { readonly kind: 'unreadable'; readonly problem: KernelError };

/** An upstream project that blocks a child. */
export interface WaitsFor {
  readonly projectDir: string;
  /** Its current phase. */
  readonly phase: string;
  /** The child's phase that it has not reached. */
  readonly needs: string;
}

export interface ChildSnapshot {
  /** The run, according to its source. */
  readonly run: Run;
  readonly projectDir: string;
  /** Whether the folder is open in this window. */
  readonly isOpen: boolean;
  readonly source: ChildSource;
  /** Direct upstream projects. */
  readonly upstreams: readonly string[];
  /** Upstream projects that block the child's next phase; empty for an ended child. */
  readonly waitsFor: readonly WaitsFor[];
  readonly activeDispatches: number;
  /** Tokens of all its dispatches. */
  readonly tokens: number;
  /** Events in its own database that are not relayed yet. */
  readonly unrelayed: number;
}

export interface PortfolioSnapshot {
  readonly run: Run;
  /** Upstream first; projects without dependencies in the order they were added. */
  readonly children: readonly ChildSnapshot[];
  /** Stored children that cannot be read. */
  readonly invalid: readonly InvalidRow[];
  readonly edges: readonly DependencyEdge[];
  /** A cycle in the edges, stored by another program. */
  readonly cycle: readonly string[] | undefined;
  readonly relay: RelayState;
  /** Over its own database and those of its children. */
  readonly budget: BudgetState | undefined;
}
