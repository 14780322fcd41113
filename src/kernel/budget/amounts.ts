/** Amounts in words and in the units that people and programs use. */
import { counted } from '../errors/reasons/fill';
import type { Measure } from './model';

const MICROS = 1_000_000;

/** Dollars as micro-dollars, to the nearest. */
export function microsOf(usd: number): number {
  return Math.round(usd * MICROS);
}

export function usdOf(micros: number): number {
  return micros / MICROS;
}

/** `1200 tokens`, `$0.35`; a fraction of a cent is written out. */
export function amountText(measure: Measure, amount: number): string {
  if (measure === 'tokens') return counted(amount, 'tokens');
  const cents = (amount / MICROS).toFixed(2);
  return `$${microsOf(Number(cents)) === amount ? cents : String(amount / MICROS)}`;
}
