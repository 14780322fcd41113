/** The board: filters and tasks above, columns below, details beside; and what the keys do (`docs/board.md`). */
import { useEffect, useState } from 'preact/hooks';
import type { BoardMemory, BoardNotice } from '../../contract/pages/board';
import { Problem } from './elements/ActionButton';
import { Column } from './cards/Column';
import { blockOf, neighborsAt, type ColumnContents } from './model/columns';
import { useBoard } from './model/context';
import { Detail } from './detail/Detail';
import { fill } from './model/fill';
import { Help } from './Help';
import { Sign } from './elements/signs';
import { directionOf, step } from './cards/steps';
import { Tasks } from './Tasks';
import { Toolbar } from './Toolbar';

export interface AppProps {
  readonly kept: BoardMemory;
  readonly keep: (memory: BoardMemory) => void;
}

export function App({ kept, keep }: AppProps) {
  const { store, texts } = useBoard();
  const [current, setCurrent] = useState(kept.current);
  const [wanted, setWanted] = useState<{ readonly id: string } | undefined>(undefined);
  const [isHelping, setHelping] = useState(false);
  const text = useText();
  const columns = store.contents();
  const present = presentOf(columns, current);
  const { target } = store;
  useEffect(() => {
    keep({ ...(target === undefined ? {} : { target }), ...(current === undefined ? {} : { current }) });
  }, [target, current]);

  const go = (id: string | undefined): void => {
    if (id === undefined) return;
    setCurrent(id);
    setWanted({ id });
  };
  const close = (): void => {
    const from = store.target;
    store.open(undefined);
    if (from?.kind === 'task')
      document.querySelector<HTMLElement>(`[data-task="${CSS.escape(from.id)}"] .title`)?.focus();
    else go(from !== undefined && presentOf(columns, from.id) === from.id ? from.id : present);
  };
  const keys = { present: () => presentOf(store.contents(), current), go, close, help: () => setHelping(true) };
  useKeys(keys);
  useFocusOnReturn(keys);

  if (store.state === undefined) return <div class="board" aria-busy="true" />;
  const { head } = store.state;
  return (
    <main
      class="board"
      aria-label={`${texts.board}: ${head.title}`}
      onFocusIn={({ target: to }) => setCurrent((now) => cardOf(to) ?? now)}
      onClick={({ target: to }) => {
        const id = to instanceof Element && to.closest('button, a, .problem') === null ? cardOf(to) : undefined;
        if (id !== undefined) store.open({ kind: 'subtask', id });
      }}
    >
      <h1 class="unseen">{`${texts.board}: ${head.title}`}</h1>
      <p id="board-hint" hidden>
        {texts.boardHint}
      </p>
      <Toolbar onHelp={() => setHelping(true)} />
      <Problem about="" />
      {head.notices.map((notice) => (
        <Notice key={notice.text} notice={notice} />
      ))}
      <div class="middle">
        <div class="work">
          <Tasks />
          <div class="columns">
            {columns.map((contents) => (
              <Column
                key={contents.column}
                contents={contents}
                isGrouped={store.view.grouped}
                current={present}
                wanted={wanted}
                {...text}
              />
            ))}
          </div>
        </div>
        <Detail onClose={close} />
      </div>
      {isHelping ? <Help onClose={() => setHelping(false)} /> : null}
      <div class="unseen" role="status" aria-live="polite">
        {store.announcer.text}
      </div>
    </main>
  );
}

function Notice({ notice }: { readonly notice: BoardNotice }) {
  const { store, texts } = useBoard();
  const { tone, text, offer } = notice;
  return (
    <p class={`notice ${tone}`}>
      {tone === 'warning' ? <Sign status="broken" /> : null}
      <span>{text}</span>
      {offer === undefined ? null : (
        <button type="button" class="primary" onClick={() => store.offer(offer)}>
          {texts[offer]}
        </button>
      )}
    </p>
  );
}

interface Keys {
  /** The focused card: of the board at the time a key is pressed, drawn already or not. */
  present(): string | undefined;
  go(id: string | undefined): void;
  close(): void;
  help(): void;
}

function useKeys(keys: Keys): void {
  const { store, texts } = useBoard();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || document.querySelector('dialog[open]') !== null) return;
      if (handled(event)) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });

  function handled(event: KeyboardEvent): boolean {
    const { target, key } = event;
    if (key === 'Escape') return escaped(target);
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return false;
    const card = target instanceof HTMLElement ? target.dataset['card'] : undefined;
    if (event.altKey) return card !== undefined && moved(card, key);
    if (event.ctrlKey || event.metaKey) return false;
    if (card !== undefined && (key === 'Enter' || key === ' ')) {
      store.open({ kind: 'subtask', id: card });
      return true;
    }
    const direction = directionOf(key);
    if (direction !== undefined && (card !== undefined || key === 'j' || key === 'k')) {
      keys.go(card === undefined ? keys.present() : step(store.contents(), card, direction));
      return true;
    }
    return shortcut(key);
  }

  function shortcut(key: string): boolean {
    switch (key) {
      case '/':
        document.getElementById('search')?.focus();
        return true;
      case 'n':
        if (store.state?.head.isWritable === true) store.offer('createTask');
        return true;
      case 'p':
        store.offer('addProject');
        return true;
      case '?':
        keys.help();
        return true;
    }
    return false;
  }

  function escaped(target: EventTarget | null): boolean {
    if (target instanceof HTMLInputElement) {
      if (store.view.text === '') keys.go(keys.present());
      else store.look({ text: '' });
      return true;
    }
    if (store.target === undefined) return false;
    keys.close();
    return true;
  }

  function moved(id: string, key: string): boolean {
    if (key !== 'ArrowUp' && key !== 'ArrowDown') return false;
    const cards = store.contents().find((column) => column.cards.some((card) => card.id === id))?.cards ?? [];
    const card = cards.find((one) => one.id === id);
    if (card === undefined || store.state?.head.isWritable !== true) return false;
    const block = blockOf(cards, id);
    const to = block.indexOf(card) + (key === 'ArrowUp' ? -1 : 1);
    if (to < 0 || to >= block.length) {
      store.announcer.say(fill(texts.atEdge, card.title));
      return true;
    }
    store.move(card, neighborsAt(block, id, to));
    store.announcer.say(fill(texts.moved, card.title, to + 1, block.length));
    keys.go(id);
    return true;
  }
}

/** When the board gets the focus, from the palette or another tab, a card has it. */
function useFocusOnReturn({ present }: Pick<Keys, 'present'>): void {
  useEffect(() => {
    const onFocus = (): void => {
      const id = present();
      if (document.activeElement !== document.body || id === undefined) return;
      document.getElementById(`card ${id}`)?.focus({ preventScroll: true });
    };
    window.addEventListener('focus', onFocus);
    return () => window.removeEventListener('focus', onFocus);
  });
}

/** The card that the Tab key leads to: the one it was on while that is in sight, else the first. */
function presentOf(columns: readonly ColumnContents[], current: string | undefined): string | undefined {
  const isThere = columns.some(({ cards }) => cards.some(({ id }) => id === current));
  return isThere ? current : columns.find(({ cards }) => cards.length > 0)?.cards[0]?.id;
}

function cardOf(target: EventTarget | null): string | undefined {
  const card = target instanceof Element ? target.closest<HTMLElement>('[data-card]') : null;
  return card?.dataset['card'];
}

/** The theme's text, which heights are reckoned with. It changes with the theme alone, and that reloads the style. */
function useText(): { readonly line: number; readonly font: string } {
  const read = () => {
    const { fontSize, fontFamily, lineHeight } = getComputedStyle(document.body);
    return { line: Number.parseFloat(lineHeight), font: `${fontSize} ${fontFamily}` };
  };
  const [text, setText] = useState(read);
  useEffect(() => {
    const observer = new MutationObserver(() => {
      setText((before) => {
        const now = read();
        return now.font === before.font && now.line === before.line ? before : now;
      });
    });
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
    return () => observer.disconnect();
  }, []);
  return text;
}
