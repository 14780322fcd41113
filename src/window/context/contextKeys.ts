/** Sets the context keys, the one place that does. */
import * as vscode from 'vscode';
import type { ContextKey, ContextValues } from '../../contract/contextKeys';
import type { Log } from '../../host/log';
import { inBackground } from '../dialogs/background';

export class ContextKeys {
  private readonly known = new Map<ContextKey, unknown>();
  private readonly didSet = new vscode.EventEmitter<void>();
  /** Fires after every call of `set`. */
  readonly onDidSet = this.didSet.event;

  constructor(private readonly log: Log) {}

  get(key: ContextKey): unknown {
    return this.known.get(key);
  }

  /** Sends the editor what differs from what it was sent before. */
  set(values: Partial<ContextValues>): void {
    for (const key of Object.keys(values) as ContextKey[]) {
      const value = values[key];
      if (this.known.get(key) === value) continue;
      this.known.set(key, value);
      inBackground(this.log, 'setting a context key', () => vscode.commands.executeCommand('setContext', key, value));
    }
    this.didSet.fire();
  }
}
