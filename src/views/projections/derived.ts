/** Values computed from a list that is replaced, never changed: once for each list. */
export function derived<T, R>(list: () => readonly T[], compute: (list: readonly T[]) => R): () => R {
  let last: { readonly of: readonly T[]; readonly value: R } | undefined;
  return () => {
    const of = list();
    if (last?.of !== of) last = { of, value: compute(of) };
    return last.value;
  };
}
