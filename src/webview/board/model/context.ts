/** What every part of the page needs: the store and the texts. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { BoardTexts } from '../../../contract/pages/boardTexts';
import type { BoardStore } from './store';

export interface Board {
  readonly store: BoardStore;
  readonly texts: BoardTexts;
}

const context = createContext<Board | undefined>(undefined);
export const BoardContext = context.Provider;

export function useBoard(): Board {
  const board = useContext(context);
  if (board === undefined) throw new Error('A part of the board stands outside of it.');
  return board;
}
