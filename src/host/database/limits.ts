/**
 * Sizes above which a file of a record is refused unread. They are far above normal use: a record of a million events
 * has about 200 MB, SQLite merges its log at 4 MB, and a journal holds no more than the database did.
 */
const MIB = 1_048_576;

/** Of the database, before and after merging its log. The editor holds it in memory about twice. */
export const MAX_DATABASE_BYTES = 256 * MIB;
/** A log can outgrow its 4 MB while a reader keeps SQLite from starting it over. */
export const MAX_LOG_BYTES = 256 * MIB;
export const MAX_JOURNAL_BYTES = 2 * MAX_DATABASE_BYTES;
export const MAX_SHARED_MEMORY_BYTES = 16 * MIB;
/** Pages a log may count beyond those that the database and the log hold: SQLite does not write pages that are free. */
export const MAX_UNWRITTEN_BYTES = MIB;

/** Of the schema: Intercore makes about 90 objects with 15 kB of SQL. */
export const MAX_SCHEMA_OBJECTS = 2_000;
export const MAX_SCHEMA_SQL_BYTES = MIB;
