/** Dependencies by drag and drop: a child dragged onto another waits for it. The palette has a picker too. */
import * as vscode from 'vscode';
import * as z from 'zod';
import { VIEWS } from '../../contract/views';
import { droppedEdges } from '../projections/portfolio/portfolioEdges';
import type { RowRef } from '../rows/row';

/** What VS Code calls the rows of a view that are under way. */
const MIME = `application/vnd.code.tree.${VIEWS.portfolio.toLowerCase()}`;

const draggedChildren = z.array(z.object({ portfolioId: z.string(), projectDir: z.string() })).catch([]);

export interface DropHandler {
  /** A child was dropped on another, which it must wait for. */
  onDropDependency(portfolioId: string, upstream: string, downstream: string): void;
}

export class DependencyDrop implements vscode.TreeDragAndDropController<RowRef> {
  readonly dragMimeTypes = [MIME];
  readonly dropMimeTypes = [MIME];

  constructor(private readonly handler: DropHandler) {}

  handleDrag(source: readonly RowRef[], transfer: vscode.DataTransfer): void {
    const children = source.filter((ref) => ref.kind === 'child');
    if (children.length > 0) transfer.set(MIME, new vscode.DataTransferItem(JSON.stringify(children)));
  }

  async handleDrop(target: RowRef | undefined, transfer: vscode.DataTransfer): Promise<void> {
    const item = transfer.get(MIME);
    if (target?.kind !== 'child' || item === undefined) return;
    const dragged = draggedChildren.parse(readJson(await item.asString()));
    for (const { upstream, downstream } of droppedEdges(dragged, target)) {
      this.handler.onDropDependency(target.portfolioId, upstream, downstream);
    }
  }
}

/** Another extension may have made what is dropped. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
