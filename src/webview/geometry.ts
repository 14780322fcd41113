/** Points of a picture, and directions of the keyboard in it. Pure. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Direction = 'left' | 'right' | 'up' | 'down' | 'first' | 'last';
