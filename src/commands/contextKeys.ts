/** Sets the context keys, the one place that does (design §13). */
import * as vscode from 'vscode';
import type { ContextKey, ContextValues } from '../contract/contextKeys';
import type { Log } from '../host/log';
import { inBackground } from './background';

export class ContextKeys {
  private readonly known = new Map<ContextKey, unknown>();

  constructor(private readonly log: Log) {}

  /** Tells the editor what differs from what it was told before. */
  set(values: Partial<ContextValues>): void {
    for (const key of Object.keys(values) as ContextKey[]) {
      const value = values[key];
      if (this.known.get(key) === value) continue;
      this.known.set(key, value);
      inBackground(this.log, 'setting a context key', () => vscode.commands.executeCommand('setContext', key, value));
    }
  }
}
