/** Writes the log of a session: one JSON line for each message and for each thing that the host did. */
import type { LogWriter } from '../../launcher/log/logWriter';
import type { SessionLogLine } from './sessionLog';

/** A line without its number and time. */
type Line = SessionLogLine extends infer L ? (L extends SessionLogLine ? Omit<L, 'n' | 'at'> : never) : never;

export class SessionLogWriter {
  private count = 0;

  constructor(private readonly log: LogWriter) {}

  write(line: Line): void {
    const { type, ...fields } = line;
    this.append(type, JSON.stringify(fields).slice(1));
  }

  /** A message, which is JSON, as it came. */
  message(type: 'received' | 'sent', json: string): void {
    this.append(type, `"message":${json}}`);
  }

  private append(type: string, rest: string): void {
    this.count += 1;
    const start = `{"type":"${type}","n":${this.count},"at":${Date.now()}`;
    this.log.write(Buffer.from(`${start}${rest === '}' ? '' : ','}${rest}\n`));
  }
}
