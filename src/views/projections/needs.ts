/** The *Needs You* view: everything that waits for a person, by folder where several are open. */
import { shownFacts } from '../../kernel/errors/shownReason';
import { inWords } from '../../kernel/errors/reasons/fill';
import {
  ATTENTION,
  ATTENTION_ACTIONS,
  type AttentionItem,
  type AttentionSeverity,
} from '../../contract/results/attention';
import { contextValue } from '../../contract/views';
import type { Subtask } from '../../kernel/tasks/record/model';
import { headline } from '../rows/format';
import { rowRef, type Icon, type Projection, type Row, type RowRef, type Tooltip } from '../rows/row';
import { groupRow } from './pages';
import { recordOf, type TaskAgent, type ViewContext } from './viewContext';

/** Everything that waits now; blocking items first. */
export type Needs = () => readonly AttentionItem[];

/** Of a request in a row that shows more than it. */
const LONGEST_REQUEST = 100;

/** Of a request before the title of its work, which it must not push out of sight. */
const LONGEST_IN_LABEL = 40;

const COLORS: Readonly<Record<AttentionSeverity, string>> = {
  blocking: 'list.errorForeground',
  warning: 'list.warningForeground',
};

export class NeedsProjection implements Projection {
  constructor(
    private readonly context: ViewContext,
    private readonly needs: Needs,
  ) {}

  roots(): readonly Row[] {
    const { context } = this;
    const items = this.needs();
    const folders = context.records().map(({ folder }) => folder);
    if (folders.length < 2) return items.map((item) => needRow(context, item));
    // An item of a folder that has just left the workspace is counted, so it is listed.
    return [...new Set([PORTFOLIOS, ...folders, ...items.map(groupOf)])].flatMap((folder) => {
      const count = items.filter((item) => groupOf(item) === folder).length;
      if (count === 0) return [];
      const label = folder === PORTFOLIOS ? context.l10n.t('Portfolios') : context.nameOf(folder);
      const icon = folder === PORTFOLIOS ? 'type-hierarchy' : 'root-folder-opened';
      return [groupRow({ group: 'needs', folder }, label, String(count), { id: icon }, 'expanded')];
    });
  }

  children(ref: RowRef): readonly Row[] {
    if (ref.kind !== 'group' || ref.gathers.group !== 'needs') return [];
    const { folder } = ref.gathers;
    return this.needs().flatMap((item) => (groupOf(item) === folder ? [needRow(this.context, item)] : []));
  }

  tooltip(ref: RowRef): Tooltip | undefined {
    const item = ref.kind === 'need' ? this.needs().find(({ id }) => id === ref.itemId) : undefined;
    return item && needTooltip(this.context, item);
  }
}

/** The group of what is about portfolios, which belong to no folder of the workspace. */
const PORTFOLIOS = '';

function groupOf(item: AttentionItem): string {
  return isOfPortfolios(item) ? PORTFOLIOS : item.folder;
}

function isOfPortfolios({ place }: AttentionItem): boolean {
  return place.kind === 'portfolio' || place.kind === 'portfolios';
}

function needRow(context: ViewContext, item: AttentionItem): Row {
  const { l10n } = context;
  const { kind, severity, folder, action } = item;
  const title = titleOf(context, item);
  const heading = headingOf(context, item);
  const reason = headline(reasonOf(context, item), 160);
  const requested = requestedIn(item);
  const start = requested === undefined ? heading : headline(requested, LONGEST_IN_LABEL);
  const record = isOfPortfolios(item) ? context.portfolios : recordOf(context, folder);
  const isWritable = record?.isWritable === true;
  return {
    ref: rowRef({ kind: 'need', ...action.args, folder, itemId: item.id }),
    label: `${start} · ${headline(title)}`,
    description: requested === undefined ? reason : heading,
    icon: { id: ATTENTION[kind].icon, color: COLORS[severity] } satisfies Icon,
    contextValue: contextValue('need', [
      action.name,
      ...(item.offers ?? []),
      ...(isWritable ? (['writable'] as const) : []),
    ]),
    spoken: inWords(l10n, '{0}. {1}. Actions: {2}', `${heading} · ${headline(title)}`, reason, actionOf(context, item)),
    expands: 'no',
    opens: { what: 'place', itemId: item.id },
  };
}

/** What an agent requests: a person has to see it to answer, so a narrow row shows it first. */
function requestedIn({ kind, facts }: AttentionItem): string | undefined {
  if (kind === 'permissionAsked') return String(facts['request']);
  if (kind === 'questionAsked') return String(facts['question']);
  return undefined;
}

function needTooltip(context: ViewContext, item: AttentionItem): Tooltip {
  const { l10n, formats } = context;
  return {
    title: headline(titleOf(context, item)),
    facts: [
      [l10n.t('Needs you'), headingOf(context, item)],
      ...(item.since === null ? [] : [[l10n.t('Since'), formats.moment(item.since)] as const]),
      ...(isOfPortfolios(item) ? [] : [[l10n.t('Folder'), context.nameOf(item.folder)] as const]),
      [l10n.t('Action'), actionOf(context, item)],
    ],
    text: reasonOf(context, item),
  };
}

/** The subject: a name, or the label of a stage that has no other subject. */
function titleOf({ l10n }: ViewContext, { title, facts }: AttentionItem): string {
  return title === facts['step'] ? l10n.t(title) : title;
}

/** What is the matter, in the editor's language. */
export function headingOf({ l10n }: Pick<ViewContext, 'l10n'>, { kind }: AttentionItem): string {
  return l10n.t(ATTENTION[kind].heading);
}

/** The first request of the planner of each task and of the agent of each subtask. Made again when the items change. */
export function requestsOfTasks(needs: Needs): (of: TaskAgent) => AttentionItem | undefined {
  let items: readonly AttentionItem[] = [];
  let found = new Map<string, AttentionItem>();
  return ({ taskId, subtaskId }) => {
    if (items !== needs()) {
      items = needs();
      found = new Map();
      for (const item of items.toReversed()) {
        const { number, ...agent } = item.action.args;
        if (number !== undefined && agent.taskId !== undefined) found.set(keyOf(agent), item);
      }
    }
    return found.get(keyOf({ taskId, subtaskId }));
  };
}

export function agentOf({ taskId, id }: Pick<Subtask, 'taskId' | 'id'>): TaskAgent {
  return { taskId, subtaskId: id };
}

function keyOf({ taskId, subtaskId }: Partial<TaskAgent>): string {
  return `${taskId} ${subtaskId ?? ''}`;
}

/** What the agent asks, in the row of its work. */
export function requestWord(context: ViewContext, agent: TaskAgent): string | undefined {
  const request = context.requestOf(agent);
  return request && headline(reasonOf(context, request), LONGEST_REQUEST);
}

export function reasonOf({ l10n }: Pick<ViewContext, 'l10n'>, { kind, facts }: AttentionItem): string {
  return inWords(l10n, ATTENTION[kind].reason, shownFacts(l10n, facts));
}

function actionOf({ l10n }: ViewContext, { action }: AttentionItem): string {
  return l10n.t(ATTENTION_ACTIONS[action.name].label);
}

/** `2 need you`, for a badge and the status bar. */
export function countWords({ l10n }: Pick<ViewContext, 'l10n'>, count: number): string {
  return inWords(l10n, '{0} need you', count);
}
