/** Which state of a dispatch's reservation may follow which. */

/**
 * `reserved` while the dispatch is or may be running; `settled` once it has ended; `released` where it never had a
 * process and so used nothing.
 */
export const RESERVATION_STATES = ['reserved', 'settled', 'released'] as const;
export type ReservationState = (typeof RESERVATION_STATES)[number];

export const NEXT_RESERVATION_STATES: Readonly<Record<ReservationState, readonly ReservationState[]>> = {
  reserved: ['settled', 'released'],
  settled: [],
  released: [],
};

export function reservationMayBecome(from: ReservationState, to: ReservationState): boolean {
  return NEXT_RESERVATION_STATES[from].includes(to);
}
