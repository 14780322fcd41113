/**
 * The one tree provider: draws a projection and, after a change, redraws the fewest rows
 * (`docs/design/editor.md#changes`).
 */
import * as vscode from 'vscode';
import type { Log } from '../../host/log';
import { inTurns } from '../../host/turns';
import { problemOf } from '../../kernel/errors/errors';
import { DeferredUpdate } from '../rows/deferredUpdate';
import { tooltipMarkdown, treeItem } from '../rows/render';
import { defined } from '../../kernel/defined';
import type { WithUnreadableRows } from '../projections/unreadableRows';
import { isOlderRow, type OlderRef, type RowRef, type Tooltip } from '../rows/row';
import { TreeState } from './treeState';

export class RecordTree implements vscode.TreeDataProvider<RowRef> {
  readonly view: vscode.TreeView<RowRef>;
  private readonly redraw = new vscode.EventEmitter<RowRef | RowRef[] | undefined>();
  readonly onDidChangeTreeData = this.redraw.event;
  private readonly state: TreeState;
  private readonly subscriptions: readonly { dispose(): unknown }[];
  private readonly drawing: DeferredUpdate;
  private isBehind = false;
  /** Rows that cannot be read, as the headings say. */
  private unreadable = 0;

  constructor(
    private readonly viewId: string,
    private readonly projection: WithUnreadableRows,
    private readonly log: Log,
    dragAndDropController?: vscode.TreeDragAndDropController<RowRef>,
    /** What a tooltip says beside what the record holds. */
    private readonly moreFacts?: (ref: RowRef) => Promise<Tooltip['facts']>,
  ) {
    this.state = new TreeState(projection);
    this.drawing = new DeferredUpdate(log, viewId, () => this.catchUp());
    this.view = vscode.window.createTreeView(viewId, {
      treeDataProvider: this,
      showCollapseAll: true,
      ...defined({ dragAndDropController }),
    });
    this.subscriptions = [
      this.view,
      this.redraw,
      this.view.onDidChangeVisibility(() => this.drawing.schedule()),
      // Run by a click on a row alone, so it is no command of the manifest.
      vscode.commands.registerCommand(this.showMoreCommand, (ref: OlderRef) => this.showMore(ref)),
    ];
  }

  /** Notes that the record changed. Several changes in one turn of the loop are drawn together, a hidden view later. */
  changed(): void {
    this.isBehind = true;
    this.drawing.schedule();
  }

  getChildren(ref?: RowRef): RowRef[] {
    const rows = ref === undefined ? this.state.showRoots() : this.state.showChildren(ref);
    const count = this.projection.count();
    // A heading was drawn before what its number counts was read.
    if (ref !== undefined && count !== this.unreadable) this.changed();
    this.unreadable = count;
    return rows;
  }

  getTreeItem(ref: RowRef): vscode.TreeItem {
    const row = this.state.row(ref);
    if (row === undefined) throw new Error(`The row ${ref.id} was never shown.`);
    const item = treeItem(row);
    if (isOlderRow(ref)) item.command = { command: this.showMoreCommand, title: row.label, arguments: [ref] };
    return item;
  }

  getParent(ref: RowRef): RowRef | undefined {
    return this.state.parent(ref);
  }

  async resolveTreeItem(item: vscode.TreeItem, ref: RowRef): Promise<vscode.TreeItem> {
    const tooltip = this.state.tooltip(ref);
    if (tooltip === undefined) return item;
    const more = await this.moreFacts?.(ref).catch((error: unknown) => {
      this.log.warn('tooltip is incomplete', { problem: problemOf(error) });
    });
    item.tooltip = tooltipMarkdown({ ...tooltip, facts: [...tooltip.facts, ...(more ?? [])] });
    return item;
  }

  /**
   * Selects the first row that is wanted and scrolls to it; false where there is none. Keeps the focus where it is
   * unless `focus` is asked for.
   */
  async reveal(isWanted: (ref: RowRef) => boolean, focus = false): Promise<boolean> {
    const ref = await inTurns(this.state.find(isWanted));
    if (ref === undefined) return false;
    // Pages may have been opened on the way to it.
    this.draw();
    await this.view.reveal(ref, { select: true, focus, expand: true });
    return true;
  }

  dispose(): void {
    this.drawing.dispose();
    for (const one of this.subscriptions) one.dispose();
  }

  private get showMoreCommand(): string {
    return `_${this.viewId}.showMore`;
  }

  /** The focus goes to the first new row, which has the position of the one that was chosen. */
  private async showMore(older: OlderRef): Promise<void> {
    const first = this.state.showMore(older);
    this.draw();
    if (first !== undefined) await this.view.reveal(first, { select: true, focus: true });
  }

  private catchUp(): void {
    if (!this.isBehind || !this.view.visible) return;
    this.isBehind = false;
    this.draw();
  }

  private draw(): void {
    const redraw = this.state.refresh();
    if (redraw === 'all') {
      this.redraw.fire(undefined);
    } else if (redraw.length > 0) {
      this.redraw.fire([...redraw]);
    }
    this.log.debug('redrew', { rows: redraw === 'all' ? 'all' : redraw.length });
  }
}
