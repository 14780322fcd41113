/**
 * Portfolios of workspaces that were not saved yet. Saving one starts the extension again, in another workspace with
 * other storage; so what it had is remembered by its folders, and moved along (`docs/design/portfolios.md#creation`).
 */
import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import * as z from 'zod';
import { ifThere } from '../host/files/fileErrors';
import type { Log } from '../host/log';
import type { Disposable } from '../kernel/emitter';
import { KernelError, problemOf } from '../kernel/errors/errors';
import { adoptPortfolio } from '../services/portfolio/home/adoption';
import type { PortfolioHome } from '../services/portfolio/home/home';
import { inBackground } from './dialogs/background';

/** In the state that all workspaces share. */
const HOMES = 'intercore.unsavedHomes';
const unsavedHome = z.object({ database: z.string(), folders: z.array(z.string()) });
const unsavedHomes = z.array(unsavedHome).catch([]);
type UnsavedHome = z.infer<typeof unsavedHome>;

/** How many unsaved workspaces are remembered; older ones are forgotten, their files stay. */
const MOST_HOMES = 50;

export class UnsavedHomes {
  constructor(
    private readonly memory: vscode.Memento,
    private readonly log: Log,
  ) {}

  /** Remembers the home of this unsaved window, as soon as it holds a database, and the folders it is for. */
  follow({ kernel }: PortfolioHome): Disposable[] {
    const remember = (): void => {
      if (kernel.state.kind !== 'ready') return;
      inBackground(this.log, 'remembering an unsaved workspace', () => this.remember(kernel.path));
    };
    return [kernel.onDidChangeState(remember), vscode.workspace.onDidChangeWorkspaceFolders(remember)];
  }

  /** Moves the portfolios of an unsaved workspace with the same folders into this saved one, and shows a message. */
  async takeAlong(home: PortfolioHome): Promise<void> {
    const folders = openFolders();
    const known = this.known().find((unsaved) => sameFolders(unsaved.folders, folders));
    if (known === undefined || (await ifThere(stat(known.database))) === undefined) return;
    const [from, to] = [known.database, home.kernel.path];
    try {
      await adoptPortfolio(home, from);
    } catch (error) {
      this.log.warn('portfolios of the unsaved workspace stay where they are', { from, problem: problemOf(error) });
      this.show(
        vscode.l10n.t('The portfolios of the unsaved workspace could not be moved and are still in {from}.', { from }),
      );
      // Beside this file are others already: nothing will change that.
      if (KernelError.is(error, 'DATABASE_PATH')) await this.forget(from);
      return;
    }
    await this.forget(from);
    this.log.info('portfolios of the unsaved workspace moved along', { from, to });
    this.show(vscode.l10n.t('The portfolios of the unsaved workspace were moved to {to}.', { to }));
  }

  private show(message: string): void {
    inBackground(this.log, 'showing where portfolios are', () => vscode.window.showInformationMessage(message));
  }

  private async forget(database: string): Promise<void> {
    const others = this.known().filter((unsaved) => unsaved.database !== database);
    await this.memory.update(HOMES, others);
  }

  private async remember(database: string): Promise<void> {
    const others = this.known().filter((unsaved) => unsaved.database !== database);
    await this.memory.update(HOMES, [{ database, folders: openFolders() }, ...others].slice(0, MOST_HOMES));
  }

  private known(): readonly UnsavedHome[] {
    return unsavedHomes.parse(this.memory.get(HOMES));
  }
}

function openFolders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
}

function sameFolders(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((folder) => other.includes(folder));
}
