/** The log of a server: warnings and errors on standard error, which clients keep for their user. */
import type { Log, LogFields } from '../../host/log';

export function stderrLog(scope = 'ic mcp'): Log {
  const write =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      process.stderr.write(`${scope}: ${level}: ${message} ${JSON.stringify(plain(fields))}\n`);
    };
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: write('warning'),
    error: write('error'),
    scope: (name) => stderrLog(`${scope}: ${name}`),
  };
}

/** Errors as text, because JSON shows no fields of theirs. */
function plain(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? value.message : value]),
  );
}
