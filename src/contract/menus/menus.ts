/** The menus of all rows, and the views that show rows of each kind. */
import type { RowKind } from '../../contract/views';
import { DISPATCH_ROWS, RUN_ROWS } from './runRows';
import type { RowMenus, ViewName } from './model';
import { NEED_ROWS, TASK_ROWS } from './taskRows';
import { PORTFOLIO_ROWS } from './portfolioRows';

export const ROW_MENUS: RowMenus = {
  ...NEED_ROWS,
  ...RUN_ROWS,
  ...DISPATCH_ROWS,
  ...PORTFOLIO_ROWS,
  ...TASK_ROWS,
};

/** Of the kinds that have a menu. */
export const ROW_VIEWS: { readonly [K in RowKind]?: readonly ViewName[] } = {
  need: ['needsYou'],
  folder: ['runs'],
  run: ['runs'],
  phase: ['runs'],
  condition: ['runs'],
  artifact: ['runs'],
  agent: ['runs'],
  event: ['runs'],
  dispatch: ['dispatches', 'portfolio'],
  queued: ['dispatches'],
  waitingText: ['dispatches'],
  portfolio: ['portfolio'],
  child: ['portfolio'],
  dependency: ['portfolio'],
  relay: ['portfolio'],
  portfolioCondition: ['portfolio'],
  project: ['tasks'],
  task: ['tasks'],
  subtask: ['tasks'],
  attempt: ['tasks'],
  waitsFor: ['tasks'],
};
