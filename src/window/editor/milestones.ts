/**
 * Tells the walkthrough how far a person has come. VS Code completes a step when a context key turns true while it knows
 * the walkthrough, and never for a key that was true before. So each milestone has a key of its own, which is true for a
 * moment: when it is reached, and again whenever somebody may have come to look.
 */
import * as vscode from 'vscode';
import { MILESTONES, type Milestone } from '../../contract/contextKeys';
import type { ContextKeys } from '../context/contextKeys';

export class Milestones implements vscode.Disposable {
  private readonly told = new Set<Milestone>();
  private readonly subscriptions: readonly { dispose(): unknown }[];

  constructor(private readonly keys: ContextKeys) {
    this.subscriptions = [
      keys.onDidSet(() => this.tellReached()),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused) this.tellAgain();
      }),
    ];
  }

  /** Tells of all that are reached, whoever was told before. */
  tellAgain(): void {
    this.told.clear();
    this.tellReached();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private tellReached(): void {
    for (const milestone of Object.keys(MILESTONES) as Milestone[]) {
      if (this.told.has(milestone) || this.keys.get(MILESTONES[milestone]) !== true) continue;
      this.told.add(milestone);
      this.keys.set({ [milestone]: true });
      this.keys.set({ [milestone]: false });
    }
  }
}
