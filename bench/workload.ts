/** The work that both sides of a comparison do: the same statements on the same files. */
import * as z from 'zod';

/** One transaction as an advance makes it: the run, its event, an artifact. */
export const COMMIT: readonly { readonly sql: string; readonly params: (n: number) => (string | number)[] }[] = [
  {
    sql: 'UPDATE runs SET phase = ?, updated_at = ? WHERE id = ?',
    params: (n) => (n % 2 === 0 ? ['planned', n, 'run0'] : ['executing', n, 'run0']),
  },
  {
    sql: 'INSERT INTO phase_events (run_id, from_phase, to_phase, event_type, reason) VALUES (?, ?, ?, ?, ?)',
    params: (n) => ['run0', 'planned', 'executing', 'advance', `number ${n}`],
  },
  {
    sql: 'INSERT INTO run_artifacts (id, run_id, phase, path) VALUES (?, ?, ?, ?)',
    params: (n) => [`artifact${n}`, 'run0', 'planned', `docs/plan-${n}.md`],
  },
];

/** Every run, newest first, as a list shows them. */
export const LIST_RUNS = 'SELECT * FROM runs ORDER BY created_at DESC, id';

/** What the native half is asked to do. */
export const nativeTask = z.strictObject({
  file: z.string(),
  journalMode: z.enum(['DELETE', 'WAL']),
  commits: z.int(),
  lists: z.int(),
});
export type NativeTask = z.infer<typeof nativeTask>;

/** Milliseconds of each operation. */
export const nativeResult = z.strictObject({
  openMs: z.number(),
  commitMs: z.array(z.number()),
  listMs: z.array(z.number()),
});
export type NativeResult = z.infer<typeof nativeResult>;
