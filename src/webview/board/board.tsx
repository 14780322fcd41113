/** The page of the board: connects the messages of the extension, the stored state, and the view. */
import { render } from 'preact';
import {
  boardCommand,
  boardMemory,
  type BoardCommand,
  type BoardEvent,
  type BoardMemory,
} from '../../contract/pages/board';
import { boardTexts } from '../../contract/pages/boardTexts';
import { Channel } from '../channel';
import { part } from '../dom';
import { App } from './App';
import { BoardContext } from './model/context';
import { BoardStore } from './model/store';

const channel = new Channel<BoardCommand, BoardEvent, BoardMemory>({ command: boardCommand, memory: boardMemory });
const texts = channel.texts(boardTexts);
const root = part('root');
let frame = 0;

/** However many changes come between two frames, they are drawn once. */
const schedule = (): void => {
  if (frame === 0) frame = requestAnimationFrame(draw);
};
const store = new BoardStore(channel, texts, schedule);
/** The same object always: what has changed reaches the parts as properties, so cards that stay are not drawn again. */
const board = { store, texts };
const kept = channel.kept() ?? {};

function draw(): void {
  frame = 0;
  render(
    <BoardContext value={board}>
      <App kept={kept} keep={(memory) => channel.keep(memory)} />
    </BoardContext>,
    root,
  );
}

channel.keep(kept);
store.target = kept.target;
channel.onCommand((command) => store.receive(command));
draw();
channel.ready();
