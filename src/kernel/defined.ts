/** Objects whose undefined entries are left out, because an optional field may be absent but not undefined. */

type MayBeUndefined<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];

/** The entries that may be undefined are optional, and never undefined. */
export type Defined<T> = Omit<T, MayBeUndefined<T>> & { [K in MayBeUndefined<T>]?: Exclude<T[K], undefined> };

/** @example defined({ a: 1, b: undefined }) // { a: 1 } */
export function defined<T extends object>(entries: T): Defined<T>;
export function defined(entries: object): object {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}
