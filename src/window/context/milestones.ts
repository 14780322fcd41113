/**
 * Reports completed milestones to the walkthrough. VS Code completes a step when a context key turns true while it knows
 * the walkthrough, and never for a key that was true before. So each milestone has a key of its own, which is true for a
 * moment: when it is reached, and again whenever the walkthrough may have been opened.
 */
import * as vscode from 'vscode';
import { MILESTONES, type Milestone } from '../../contract/contextKeys';
import type { ContextKeys } from './contextKeys';

export class Milestones implements vscode.Disposable {
  private readonly reported = new Set<Milestone>();
  private readonly subscriptions: readonly { dispose(): unknown }[];

  constructor(private readonly keys: ContextKeys) {
    this.subscriptions = [
      keys.onDidSet(() => this.setReached()),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused) this.setAgain();
      }),
    ];
  }

  /** Sets the keys of all milestones that are reached, even if they were set before. */
  setAgain(): void {
    this.reported.clear();
    this.setReached();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private setReached(): void {
    for (const milestone of Object.keys(MILESTONES) as Milestone[]) {
      if (this.reported.has(milestone) || this.keys.get(MILESTONES[milestone]) !== true) continue;
      this.reported.add(milestone);
      this.keys.set({ [milestone]: true });
      this.keys.set({ [milestone]: false });
    }
  }
}
