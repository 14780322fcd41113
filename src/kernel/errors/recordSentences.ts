/** The sentences and hints of failures of records and the files that hold them. */
import type { ErrorCode } from './errorFacts';
import type { Sentence } from './sentence';

export const RECORD_SENTENCES = {
  ROW_INVALID: {
    text: 'The row {id} of table {table} has an invalid {column}: {problem}.',
    hint: 'It was damaged or written by another program. Correct it with a SQLite tool.',
  },
  SQL_FAILED: { text: 'The database refused a statement: {problem}.', hint: 'Nothing was changed.' },
  RECORD_OF_OTHERS: {
    text: 'The record {path} belongs to another user, {owner}.',
    hint: 'It was not opened. If you trust its owner, run: ic trust add {folder}',
  },
  LOCKS_UNSAFE: {
    text: 'The folder {path} cannot be used for locks: {problem}.',
    hint: 'Remove it, or set XDG_RUNTIME_DIR to a folder that belongs to you alone.',
  },
  DATABASE_MISSING: {
    text: 'There is no Intercore database at {path}.',
    hint: 'Initialize Intercore in this folder first. In a terminal, run: ic init',
  },
  DATABASE_LOADING: { text: 'The database {path} is still being read.', hint: 'Try again in a moment.' },
  DATABASE_DAMAGED: {
    text: 'The database {path} is damaged: {problem}.',
    hint: 'It was not changed. Restore the newest backup next to it.',
  },
  DATABASE_REFUSED: {
    text: 'The database {path} was not opened: {problem}.',
    hint: 'Do not use it unless you know where it comes from. Restore a backup, or move the file away and initialize Intercore again.',
  },
  DATABASE_IN_USE: {
    text: 'Another program has the database {path} open: {by}.',
    hint: 'Close that program and try again. Reading still works.',
  },
  DATABASE_BUSY: {
    text: 'The database {path} stayed locked for {waitedMs} ms.',
    hint: 'Another process is writing. Try again in a moment.',
  },
  LOCK_UNKNOWN: {
    text: 'It is unknown whether the lock {path} is still held: {problem}.',
    hint: 'Check that no Intercore process is running and that the clock is right, then delete the lock.',
  },
  DATABASE_UNGUARDED: {
    text: 'The database {path} was not changed: {problem}.',
    hint: 'Use Node.js 22.13 or later, which includes SQLite.',
  },
  DATABASE_HOT_JOURNAL: {
    text: 'A program stopped in the middle of writing {path} and left {journal}.',
    hint: 'Run Recover Database in VS Code, or open the database with the sqlite3 program. Then try again.',
  },
  DATABASE_LOG_LEFT: {
    text: 'A program stopped and left the write-ahead log {log} next to {path}.',
    hint: 'Run Recover Database in VS Code, or open the database with the sqlite3 program. Then try again.',
  },
  DATABASE_NEWER: {
    text: 'The database {path} has schema version {version}, but this version of Intercore supports {supported}.',
    hint: 'It is open for reading only. Update Intercore to write.',
  },
  DATABASE_READ_ONLY: {
    text: 'The database {path} cannot be written: {problem}.',
    hint: 'Check the permissions of the file and its folder.',
  },
  DATABASE_PATH: {
    text: 'The path {path} cannot be used for the database: {problem}.',
    hint: 'Use a regular file inside the project folder.',
  },
  DATABASE_WRITE_FAILED: {
    text: 'Saving {path} failed: {problem}.',
    hint: 'The database was not changed. Free some disk space or fix the permissions, then try again.',
  },
  DATABASE_CHANGING: {
    text: 'The database {path} was not written in {attempts} attempts: another program changed it each time.',
    hint: 'Try again when that program is done.',
  },
  MIGRATION_FAILED: {
    text: 'The database with schema version {fromVersion} could not be upgraded: {problem}.',
    hint: 'The file was not changed.',
  },
  KERNEL_CLOSED: {
    text: 'The database {path} was closed before the change was saved.',
    hint: 'Open the folder again and repeat the change.',
  },
} satisfies { readonly [C in ErrorCode]?: Sentence };
