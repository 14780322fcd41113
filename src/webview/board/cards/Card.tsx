/** A subtask in its column. Drawn again only if something in it changed. */
import { Component } from 'preact';
import type { BoardCard } from '../../../contract/pages/board';
import { ActionButton, Problem } from '../elements/ActionButton';
import { buttonsOf, hasFacts, saysState } from './measure';
import { menuOf } from './menu';
import { Sign } from '../elements/signs';

export interface CardProps {
  readonly card: BoardCard;
  /** Of the record. */
  readonly folder: string;
  /** Of its task; empty where it stands under it. */
  readonly task: string;
  /** In pixels. */
  readonly top: number;
  readonly height: number;
  /** From 1, among the cards of the column. */
  readonly place: number;
  readonly count: number;
  /** The Tab key leads to this one. */
  readonly isCurrent: boolean;
  /** Its details are open. */
  readonly isOpen: boolean;
  readonly isDragged: boolean;
  /** Its open request and its failure as text, because the store is no property that can be compared. */
  readonly asked: string;
}

const PRIMARY = [
  'answer',
  'start',
  'resumeAccount',
  'retrySetup',
  'stop',
  'retry',
  'merge',
  'retryPullRequest',
] as const;

export class Card extends Component<CardProps> {
  override shouldComponentUpdate(next: CardProps): boolean {
    const keys = Object.keys(next) as (keyof CardProps)[];
    return keys.some((key) => next[key] !== this.props[key]);
  }

  render({ card, folder, task, top, height, place, count, isCurrent, isOpen, isDragged }: CardProps) {
    const classes = ['card', card.status, isOpen ? 'open' : '', isDragged ? 'dragged' : ''];
    return (
      <li
        class="place"
        style={{ transform: `translateY(${top}px)`, height: `${height}px` }}
        aria-setsize={count}
        aria-posinset={place}
      >
        <div
          id={`card ${card.id}`}
          class={classes.filter((name) => name !== '').join(' ')}
          role="group"
          tabIndex={isCurrent ? 0 : -1}
          aria-label={card.spoken}
          aria-describedby="board-hint"
          aria-current={isOpen}
          data-card={card.id}
          {...menuOf('subtask', folder, card)}
        >
          <div class="title">
            <Sign status={card.status} />
            <span title={card.title}>{card.title}</span>
          </div>
          {task === '' ? null : (
            <div class="line quiet" title={task}>
              {task}
            </div>
          )}
          {hasFacts(card) ? <Facts card={card} /> : null}
          {card.reason === '' ? null : (
            <div class="reason" title={card.reason}>
              {card.reason}
            </div>
          )}
          <Buttons card={card} isCurrent={isCurrent} />
          <Problem about={card.id} />
        </div>
      </li>
    );
  }
}

function Facts({ card }: { readonly card: BoardCard }) {
  return (
    <div class="line quiet" title={card.facts.join(' · ')}>
      {saysState(card) ? <span class={`badge ${card.status}`}>{card.state}</span> : null}
      {card.facts.join(' · ')}
    </div>
  );
}

function Buttons({ card, isCurrent }: { readonly card: BoardCard; readonly isCurrent: boolean }) {
  const offered = buttonsOf(card);
  if (offered.length === 0) return null;
  const common = { target: { kind: 'subtask', id: card.id }, of: card.title, tabIndex: isCurrent ? 0 : -1 } as const;
  return (
    <div class="buttons">
      {offered.map((action) => {
        const kind = (PRIMARY as readonly string[]).includes(action) ? 'secondary' : 'icon';
        return <ActionButton key={action} action={action} kind={kind} {...common} />;
      })}
    </div>
  );
}
