/** The context keys of when-clauses, with the type of their values (design §13). One helper sets them. */

/**
 * Why the views are empty, of the folder that is best off. `ready`: there is a database and simply nothing in it yet.
 * Welcome content is chosen by it.
 */
export const EMPTINESS = [
  'noFolder',
  'untrusted',
  'missing',
  'loading',
  'failed',
  'damaged',
  'readOnly',
  'ready',
] as const;
export type Emptiness = (typeof EMPTINESS)[number];

export interface ContextValues {
  'intercore.emptiness': Emptiness;
  /** Some folder has no database yet. */
  'intercore.databaseMissing': boolean;
  /** Some folder has a database file, readable or not. */
  'intercore.databasePresent': boolean;
  /** Some folder's record can be read. */
  'intercore.databaseReadable': boolean;
  /** Some folder's record can be changed, in a trusted window. */
  'intercore.databaseWritable': boolean;
  /** Some folder's damaged database has a backup. */
  'intercore.backupPresent': boolean;
  'intercore.runPresent': boolean;
  /** Some run is active. */
  'intercore.runActive': boolean;
  'intercore.dispatchPresent': boolean;
  /** Some dispatch may have a living process. */
  'intercore.dispatchLive': boolean;
}
export type ContextKey = keyof ContextValues;

/** What holds while no folder is open, and after the last has gone. Names every key, for the manifest test. */
export const EMPTY_CONTEXT: ContextValues = {
  'intercore.emptiness': 'noFolder',
  'intercore.databaseMissing': false,
  'intercore.databasePresent': false,
  'intercore.databaseReadable': false,
  'intercore.databaseWritable': false,
  'intercore.backupPresent': false,
  'intercore.runPresent': false,
  'intercore.runActive': false,
  'intercore.dispatchPresent': false,
  'intercore.dispatchLive': false,
};
