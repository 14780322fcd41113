/** A button that sends a request: it shows that it waits, and keeps the focus meanwhile. */
import type { BoardAction, DetailTarget } from '../../../contract/pages/board';
import { useBoard } from '../model/context';
import { fill } from '../model/fill';
import { ActionSign, Sign } from './signs';

export interface ActionButtonProps {
  readonly action: BoardAction;
  readonly target: DetailTarget;
  /** What the button acts on, for who does not see where it stands. */
  readonly of: string;
  readonly kind: 'primary' | 'secondary' | 'icon';
  /** -1 for a button that the Tab key passes by. */
  readonly tabIndex?: number;
}

export function ActionButton({ action, target, of, kind, tabIndex = 0 }: ActionButtonProps) {
  const { store, texts } = useBoard();
  const isWaiting = store.isAsked(target.id, action);
  const name = texts[action];
  const label = `${name}: ${of}`;
  return (
    <button
      type="button"
      class={kind}
      tabIndex={tabIndex}
      data-action={action}
      title={kind === 'icon' ? name : undefined}
      aria-label={isWaiting ? fill(texts.working, label) : label}
      aria-disabled={isWaiting}
      aria-busy={isWaiting}
      onClick={() => store.act(action, target)}
    >
      {isWaiting ? <Sign status="running" /> : null}
      {kind === 'icon' ? isWaiting ? null : <ActionSign action={action} /> : name}
    </button>
  );
}

/** The failure of a request, next to its button. It is announced once and stays until it is dismissed or retried. */
export function Problem({ about }: { readonly about: string }) {
  const { store, texts } = useBoard();
  const problem = store.problems.get(about);
  if (problem === undefined) return null;
  return (
    <div class="problem" role="alert">
      <Sign status="broken" />
      <span>{problem}</span>
      <button
        type="button"
        class="icon"
        aria-label={texts.dismiss}
        title={texts.dismiss}
        onClick={() => store.dismiss(about)}
      >
        <ActionSign action="close" />
      </button>
    </div>
  );
}
