/** The *Needs You* view, and the number of its rows as the badge of the container. */
import { VIEWS } from '../../contract/views';
import type { Log } from '../../host/log';
import { DeferredUpdate } from '../rows/deferredUpdate';
import { countWords, NeedsProjection, type Needs } from '../projections/needs';
import type { ViewContext } from '../projections/viewContext';
import { WithUnreadableRows } from '../projections/unreadableRows';
import { RecordTree } from './tree';

export class NeedsTree {
  private readonly tree: RecordTree;
  private readonly header: DeferredUpdate;

  constructor(
    private readonly context: ViewContext,
    private readonly needs: Needs,
    log: Log,
  ) {
    this.tree = new RecordTree(
      VIEWS.needsYou,
      new WithUnreadableRows(context, new NeedsProjection(context, needs), []),
      log.scope('needs'),
    );
    this.header = new DeferredUpdate(log, VIEWS.needsYou, () => this.drawHeader());
    this.header.schedule();
  }

  /** Notes that the items may have changed. */
  changed(): void {
    this.tree.changed();
    this.header.schedule();
  }

  dispose(): void {
    this.header.dispose();
    this.tree.dispose();
  }

  private drawHeader(): void {
    const count = this.needs().length;
    this.tree.view.badge = count === 0 ? undefined : { value: count, tooltip: countWords(this.context, count) };
  }
}
