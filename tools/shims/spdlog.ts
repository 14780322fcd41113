/**
 * Replaces the native log writer of the VS Code server, which npm cannot install without a compiler. Writes the same
 * lines to the same files. Losing a log line must never stop the server, so a failed write only closes that log. Copied
 * into the installed server; loaded by it, never by us.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';

const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'] as const;
const INFO = 2;

export class Logger {
  #file: string | undefined;
  #level = INFO;
  #raw = false;

  constructor(_kind: string, _name: string, file: string) {
    mkdirSync(path.dirname(file), { recursive: true });
    this.#file = file;
  }

  trace = (message: string): void => this.#write(0, message);
  debug = (message: string): void => this.#write(1, message);
  info = (message: string): void => this.#write(INFO, message);
  warn = (message: string): void => this.#write(3, message);
  error = (message: string): void => this.#write(4, message);
  critical = (message: string): void => this.#write(5, message);

  getLevel = (): number => this.#level;
  setLevel = (level: number): void => {
    this.#level = level;
  };
  setPattern = (): void => {
    this.#raw = false;
  };
  clearFormatters = (): void => {
    this.#raw = true;
  };
  flush = (): void => undefined;
  drop = (): void => {
    this.#file = undefined;
  };

  #write(level: number, message: string): void {
    if (this.#file === undefined || level < this.#level) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    const line = this.#raw ? message : `${time} [${LEVELS[level] ?? 'info'}] ${message}\n`;
    try {
      appendFileSync(this.#file, line);
    } catch (cause) {
      this.#file = undefined;
      process.stderr.write(`This log is closed, its file cannot be written: ${String(cause)}\n`);
    }
  }
}

const create = (name: string, file: string): Promise<Logger> => Promise.resolve(new Logger('rotating', name, file));

export const version = 0;
export const createRotatingLogger = create;
export const createAsyncRotatingLogger = create;
export const setLevel = (): void => undefined;
export const setFlushOn = (): void => undefined;
export const shutdown = (): void => undefined;
