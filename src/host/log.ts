/** The log of layers below the editor. Messages are constant; variable parts are fields. */

export type LogFields = Readonly<Record<string, unknown>>;

/** Prompts, environments and tokens never go into a field. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with a name before every message. */
  scope(name: string): Log;
}

/** Discards everything: for programs whose only output is their result. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  scope: () => silentLog,
};
