/** The log of a leader: one line for each event on standard output, as key=value or as JSON. */
import { fstatSync, writeSync } from 'node:fs';
import type { Log, LogFields } from '../../host/log';

export type Print = (line: string) => void;

/** On a full disk the log loses lines; the leader continues. */
export function printer(): Print {
  const isFile = fstatSync(1).isFile();
  const stream = process.stdout;
  stream.on('error', () => undefined);
  return (line) => {
    if (!isFile) {
      stream.write(line);
      return;
    }
    try {
      writeSync(1, line);
    } catch {
      // There is no other place to report it.
      return;
    }
  };
}

/** @param isJson one JSON object for each line, else `key=value` separated by spaces */
export function lineLog(print: Print, isJson: boolean, scope = ''): Log {
  const write =
    (level: string) =>
    (event: string, fields: LogFields = {}): void => {
      const head = { time: new Date().toISOString(), level, ...(scope === '' ? {} : { scope }), event };
      // Fields of an event never replace the fields that every line has.
      const line: LogFields = { ...head, ...plain(fields), ...head };
      print(`${isJson ? JSON.stringify(line) : pairs(line)}\n`);
    };
  return {
    debug: () => undefined,
    info: write('info'),
    warn: write('warning'),
    error: write('error'),
    scope: (name) => lineLog(print, isJson, scope === '' ? name : `${scope}.${name}`),
  };
}

/** Errors as text, because JSON shows no fields of theirs. */
function plain(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, value instanceof Error ? value.message : value]),
  );
}

function pairs(fields: LogFields): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(' ');
}

/** As logfmt: a word unchanged, anything else as JSON, so that each event stays on one line. */
function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text);
}
