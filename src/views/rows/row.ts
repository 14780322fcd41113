/**
 * Rows of the trees as plain data (`docs/design/editor.md#changes`): their identity and their look. No editor
 * needed.
 */
import type { DocumentTarget } from '../../contract/pages/documents';
import type { RowKind } from '../../contract/views';

interface Ref<K extends RowKind> {
  readonly kind: K;
  /** Unique in its view and the same after every redraw. */
  readonly id: string;
}
interface OfFolder {
  readonly folder: string;
}
interface OfRun extends OfFolder {
  readonly runId: string;
}
interface OfPortfolio {
  readonly portfolioId: string;
}
/** A portfolio's run in one project; `folder` is where the project is, open or not. */
interface OfChild extends OfPortfolio, OfRun {
  readonly projectDir: string;
}
interface OfTask extends OfFolder {
  readonly taskId: string;
}
interface OfDispatch extends OfFolder {
  readonly dispatchId: string;
}

export type FolderRef = Ref<'folder'> & OfFolder;
export type RunRef = Ref<'run'> & OfRun;
export type InvalidRunRef = Ref<'invalidRun'> & OfRun;
export type PhaseRef = Ref<'phase'> & OfRun & { readonly phase: string };
export type ConditionRef = Ref<'condition'> & OfRun & { readonly phase: string; readonly index: number };
export type ArtifactRef = Ref<'artifact'> & OfRun & { readonly phase: string; readonly artifactId: string };
export type AgentRef = Ref<'agent'> & OfRun & { readonly agentId: string };
export type EventRef = Ref<'event'> & OfRun & { readonly eventId: number };
export type DispatchRef = Ref<'dispatch'> & OfDispatch;
export type QueuedRef = Ref<'queued'> & OfDispatch;
export type InvalidDispatchRef = Ref<'invalidDispatch'> & OfDispatch;
export type DetailRef = Ref<'detail'> & OfDispatch & { readonly detail: string };
export type WaitingTextRef = Ref<'waitingText'> & OfDispatch & { readonly waitingId: string };
export type PortfolioRef = Ref<'portfolio'> & OfPortfolio;
export type InvalidPortfolioRef = Ref<'invalidPortfolio'> & OfPortfolio;
export type ChildRef = Ref<'child'> & OfChild;
export type InvalidChildRef = Ref<'invalidChild'> & OfPortfolio & { readonly runId: string };
export type ChildDetailRef = Ref<'childDetail'> & OfChild & { readonly detail: string };
/** `at`: under which child it stands; empty under the portfolio itself. */
export type DependencyRef = Ref<'dependency'> &
  OfPortfolio & { readonly upstream: string; readonly downstream: string; readonly at: string };
export type DependencyCycleRef = Ref<'dependencyCycle'> & OfPortfolio;
export type PortfolioConditionRef = Ref<'portfolioCondition'> & OfPortfolio & { readonly index: number };
export type BehindRef = Ref<'behind'> & OfPortfolio & { readonly index: number; readonly projectDir: string };
export type PortfolioEventRef = Ref<'portfolioEvent'> & OfPortfolio & { readonly eventId: number };
export type RelayRef = Ref<'relay'> & OfPortfolio;
export type ProjectRef = Ref<'project'> & OfFolder & { readonly projectId: string };
export type TaskRef = Ref<'task'> & OfTask;
export type SubtaskRef = Ref<'subtask'> & OfTask & { readonly subtaskId: string };
/** Without `subtaskId` it is one of the planner's; without `dispatchId` it never started. */
export type AttemptRef = Ref<'attempt'> &
  OfTask & { readonly attemptId: string; readonly subtaskId?: string; readonly dispatchId?: string };
/** The subtask `subtaskId` waits for `dependsOn`. */
export type WaitsForRef = Ref<'waitsFor'> & OfTask & { readonly subtaskId: string; readonly dependsOn: string };
/** Something that waits for a person, with the ids that its command is called with. */
export type NeedRef = Ref<'need'> &
  OfFolder & {
    readonly itemId: string;
    readonly portfolioId?: string;
    readonly runId?: string;
    readonly dispatchId?: string;
    readonly number?: number;
    readonly projectId?: string;
    readonly taskId?: string;
    readonly subtaskId?: string;
  };
export type InvalidTasksRef = Ref<'invalidTasks'> & OfFolder;
/** A stored row that cannot be read. */
export type InvalidTaskRowRef = Ref<'invalidTaskRow'> & OfFolder & { readonly rowId: string };

/**
 * What a heading gathers. `older` is the rest of a list that is too long to show whole: of `of`, from row `from` on. Its
 * row is the last of the list and shows the next page in its place.
 */
export type Gathering =
  | { readonly group: 'runDay'; readonly folder: string; readonly day: string }
  | { readonly group: 'dispatchDay'; readonly day: string }
  | { readonly group: 'agents' | 'events'; readonly folder: string; readonly runId: string }
  | { readonly group: 'unlistedArtifacts'; readonly folder: string; readonly runId: string }
  | { readonly group: 'artifacts'; readonly folder: string; readonly runId: string; readonly phase: string }
  | { readonly group: 'activeRuns' | 'liveDispatches' | 'needs' | 'unreadable'; readonly folder: string }
  | { readonly group: 'portfolioDay'; readonly day: string }
  | { readonly group: 'children' | 'dependencies' | 'gate' | 'portfolioEvents'; readonly portfolioId: string }
  | { readonly group: 'behind'; readonly portfolioId: string; readonly index: number }
  | { readonly group: 'taskDay'; readonly day: string; readonly projectId: string }
  | { readonly group: 'subtasks' | 'planning'; readonly folder: string; readonly taskId: string }
  | { readonly group: 'older'; readonly of: Paged; readonly from: number };
/** A list that is shown a page at a time. */
export type Paged = Exclude<Gathering, { group: 'older' }>;
export type GroupRef = Ref<'group'> & { readonly gathers: Gathering };
/** The row for the rest of a list. */
export type OlderRef = GroupRef & { readonly gathers: { readonly group: 'older' } };

export function isOlderRow(ref: RowRef): ref is OlderRef {
  return ref.kind === 'group' && ref.gathers.group === 'older';
}

/** The identity of a row, and the argument its commands are called with. */
export type RowRef =
  | FolderRef
  | RunRef
  | InvalidRunRef
  | PhaseRef
  | ConditionRef
  | ArtifactRef
  | AgentRef
  | EventRef
  | DispatchRef
  | QueuedRef
  | InvalidDispatchRef
  | DetailRef
  | WaitingTextRef
  | PortfolioRef
  | InvalidPortfolioRef
  | ChildRef
  | InvalidChildRef
  | ChildDetailRef
  | DependencyRef
  | DependencyCycleRef
  | PortfolioConditionRef
  | BehindRef
  | PortfolioEventRef
  | RelayRef
  | ProjectRef
  | TaskRef
  | SubtaskRef
  | AttemptRef
  | WaitsForRef
  | InvalidTasksRef
  | InvalidTaskRowRef
  | NeedRef
  | GroupRef;

/** A codicon and, beside its shape, a color of the theme. */
export interface Icon {
  readonly id: string;
  readonly color?: string;
}

/** What opens when the row is chosen. */
export type Opens =
  | { readonly what: 'document'; readonly target: DocumentTarget }
  | { readonly what: 'file'; readonly path: string }
  /** The row that an item of *Needs You* is about. */
  | { readonly what: 'place'; readonly itemId: string };

export interface Row {
  readonly ref: RowRef;
  readonly label: string;
  readonly description?: string;
  readonly icon: Icon;
  readonly contextValue: string;
  /** The text for screen readers: the row with its state in words. */
  readonly spoken: string;
  readonly expands: 'no' | 'collapsed' | 'expanded';
  readonly opens?: Opens;
}

/** Shown on hover, all of it as plain text. */
export interface Tooltip {
  readonly title: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** A longer text below. */
  readonly text?: string;
}

type WithoutId<T> = T extends RowRef ? Omit<T, 'id'> : never;

/** Gives a reference its id, which no other reference of the view shares. */
export function rowRef<T extends WithoutId<RowRef>>(fields: T): T & { readonly id: string } {
  const { kind, ...rest } = fields;
  return { ...fields, id: JSON.stringify([kind, ...Object.values(rest)]) };
}

/** A whole list for one view: what is in it and what a row holds. Always computed from the present record. */
export interface Projection {
  roots(): readonly Row[];
  children(ref: RowRef): readonly Row[];
  tooltip(ref: RowRef): Tooltip | undefined;
}
