/** The log of the layers below as an output channel of the editor. */
import type * as vscode from 'vscode';
import type { Log, LogFields } from '../host/log';

export function outputLog(channel: vscode.LogOutputChannel, scope = ''): Log {
  const line = (message: string) => (scope === '' ? message : `[${scope}] ${message}`);
  const rest = (fields: LogFields | undefined) => (fields === undefined ? [] : [fields]);
  return {
    debug: (message, fields) => channel.debug(line(message), ...rest(fields)),
    info: (message, fields) => channel.info(line(message), ...rest(fields)),
    warn: (message, fields) => channel.warn(line(message), ...rest(fields)),
    error: (message, fields) => channel.error(line(message), ...rest(fields)),
    scope: (name) => outputLog(channel, scope === '' ? name : `${scope}.${name}`),
  };
}
