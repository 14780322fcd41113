/** The window's queue of dispatches, woken by what only the editor reports: settings, trust, and other databases. */
import * as vscode from 'vscode';
import type { Log } from '../host/log';
import { DispatchQueue } from '../services/dispatch/queue/dispatchQueue';
import type { Dispatcher } from '../services/dispatch/dispatcher';
import type { HeldAccounts } from '../services/dispatch/context/heldAccounts';
import type { LedRecords } from '../services/dispatch/queue/ledRecords';
import type { PortfolioLinks } from '../services/portfolio/snapshot/links';
import type { Settings } from './settings';

export interface WindowQueueDeps {
  readonly records: LedRecords;
  readonly dispatcher: Dispatcher;
  readonly held: HeldAccounts;
  readonly log: Log;
  readonly settings: Settings;
  /** Tell when a portfolio changes, and so perhaps its limits. */
  readonly links: PortfolioLinks;
  readonly trusted: () => boolean;
}

export class WindowQueue implements vscode.Disposable {
  private readonly queue: DispatchQueue;
  private readonly subscriptions: readonly { dispose(): unknown }[];

  constructor({ records, dispatcher, held, log, settings, links, trusted }: WindowQueueDeps) {
    this.queue = new DispatchQueue({ kernels: records, dispatcher, held, log: log.scope('queue'), canRun: trusted });
    const wake = (): void => {
      this.queue.wake();
      dispatcher.checkBudgets();
    };
    this.subscriptions = [
      settings.onDidChange(wake),
      links.onDidChange(wake),
      vscode.workspace.onDidGrantWorkspaceTrust(wake),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Starts nothing more. */
  async finish(): Promise<void> {
    await this.queue.dispose();
  }
}
