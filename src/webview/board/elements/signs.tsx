/** The signs for states and actions. Each has a shape of its own; color only repeats it. */
import type { BoardAction, BoardDetail, BoardAttempt } from '../../../contract/pages/board';

type AnyStatus = BoardDetail['status'] | BoardAttempt['status'];

const RING = 'M8 1.75a6.25 6.25 0 1 1 0 12.5a6.25 6.25 0 1 1 0-12.5z';
const CROSS = 'M5.75 5.75l4.5 4.5M10.25 5.75l-4.5 4.5';
const ARC = 'M14.25 8A6.25 6.25 0 1 1 8 1.75';
const CLOCK = 'M8 4.5V8l2.5 1.75';
const QUESTION = 'M6.25 6.5c0-2.4 3.5-2.4 3.5-.2c0 1.5-1.75 1.4-1.75 2.9M8 11v.75';
const TICK = 'M5 8.25l2.25 2.25L11 6';

/** Lines in a square of 16. */
const SHAPES: Readonly<Record<AnyStatus, readonly string[]>> = {
  pending: [
    'M8 1.75a6.25 6.25 0 0 1 4.4 1.8M14.1 7a6.25 6.25 0 0 1-1.2 4.9M10.4 13.8a6.25 6.25 0 0 1-5.2-.2M2.9 11.7a6.25 6.25 0 0 1-.9-5.2M3.6 3.5A6.25 6.25 0 0 1 5 2.5',
  ],
  ready: [RING, 'M6.5 5.25v5.5L11 8z'],
  inProgress: [ARC],
  asking: [RING, QUESTION],
  accountHeld: [RING, CLOCK],
  stageHeld: ['M8 2L14.5 13.75H1.5z', 'M8 6v4M8 11.5v.75'],
  held: ['M8 2L14.5 13.75H1.5z', 'M8 6v4M8 11.5v.75'],
  completed: [RING, TICK],
  merged: ['M1.5 8.5l3.25 3.25L11 5M7.5 11.25l.5.5L14.5 5'],
  waiting: [RING, CLOCK],
  broken: ['M8 2L14.5 13.75H1.5z', 'M8 6v4M8 11.5v.75'],
  planning: [ARC],
  planningFailed: ['M8 2L14.5 13.75H1.5z', 'M8 6v4M8 11.5v.75'],
  active: [RING, 'M6.5 5.25v5.5L11 8z'],
  done: [RING, TICK],
  running: [ARC],
  succeeded: [RING, TICK],
  failed: [RING, CROSS],
  cancelled: [RING, 'M3.75 12.25l8.5-8.5'],
};

export function Sign({ status }: { readonly status: AnyStatus }) {
  return <Drawing class={`sign ${status}`} paths={SHAPES[status]} />;
}

const ACTIONS: Readonly<
  Partial<Record<BoardAction | 'close' | 'search' | 'help' | 'add' | 'group', readonly string[]>>
> = {
  openPullRequest: [
    'M4.5 5.5v5M4.5 2.5a1.5 1.5 0 1 1 0 3a1.5 1.5 0 1 1 0-3zM4.5 10.5a1.5 1.5 0 1 1 0 3a1.5 1.5 0 1 1 0-3zM11.5 10.5a1.5 1.5 0 1 1 0 3a1.5 1.5 0 1 1 0-3zM11.5 10.5V6a2 2 0 0 0-2-2H8M9.5 2L7.5 4l2 2',
  ],
  showChanges: ['M3 1.75h6.5L13 5.25v9H3zM8 5v5M5.5 7.5h5M5.5 12h5'],
  showLog: ['M2.5 3.5h11M2.5 6.5h8M2.5 9.5h11M2.5 12.5h6'],
  close: ['M3.5 3.5l9 9M12.5 3.5l-9 9'],
  help: [RING, QUESTION],
  add: ['M8 2.5v11M2.5 8h11'],
  search: ['M7 2.25a4.75 4.75 0 1 1 0 9.5a4.75 4.75 0 1 1 0-9.5zM10.5 10.5L14 14'],
  group: ['M2 3h5M4 6.5h10M4 9h10M2 12.5h5'],
};

export function ActionSign({ action }: { readonly action: keyof typeof ACTIONS }) {
  return <Drawing class="sign" paths={ACTIONS[action] ?? []} />;
}

export function hasSign(action: BoardAction): boolean {
  return action in ACTIONS;
}

function Drawing(props: { readonly class: string; readonly paths: readonly string[] }) {
  return (
    <svg class={props.class} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {props.paths.map((d) => (
        <path key={d} d={d} />
      ))}
    </svg>
  );
}
