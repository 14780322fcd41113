/** The real clock and source of ids behind the kernel's ports. */
import { randomInt } from 'node:crypto';
import { ID_ALPHABET } from '../kernel/ids';
import type { Clock, IdSource, Ports } from '../kernel/ports';

export const systemClock: Clock = { nowMs: () => Date.now() };

export const cryptoIds: IdSource = {
  newId: (length) => Array.from({ length }, () => ID_ALPHABET.charAt(randomInt(ID_ALPHABET.length))).join(''),
};

export const systemPorts: Ports = { clock: systemClock, ids: cryptoIds };
