/** Creates items: the texts and the command of a kind, filled with facts. */
import {
  ATTENTION,
  ATTENTION_ACTIONS,
  type AttentionAction,
  type AttentionIds,
  type AttentionItem,
  type AttentionKind,
  type AttentionOffer,
  type AttentionTarget,
} from '../../../contract/results/attention';
import { fill } from '../../../kernel/errors/errors';
import { shortened } from '../../../kernel/text/storableText';
import { defined } from '../../../kernel/defined';

const MAX_TITLE_LENGTH = 200;

/** An item without texts. */
export interface ItemDraft {
  readonly kind: AttentionKind;
  /** The subject; only the first line is used. */
  readonly title: string;
  readonly facts?: Readonly<Record<string, string | number>>;
  readonly since: number | null;
  readonly action: AttentionAction;
  readonly ids?: Omit<AttentionIds, 'folder'>;
  readonly offers?: readonly AttentionOffer[];
  readonly place: AttentionTarget;
  /** Distinguishes items of one kind on one row. */
  readonly key?: string;
}

export function itemOf(folder: string, found: ItemDraft): AttentionItem {
  const { kind, facts = {}, since, offers, place } = found;
  const { severity, heading, reason } = ATTENTION[kind];
  const { command, label } = ATTENTION_ACTIONS[found.action];
  return {
    id: JSON.stringify([kind, folder, ...Object.values(place), ...(found.key === undefined ? [] : [found.key])]),
    kind,
    severity,
    folder,
    title: firstLine(found.title),
    heading,
    reason: fill(reason, facts),
    facts,
    since,
    action: { name: found.action, command, args: { folder, ...found.ids }, label },
    ...defined({ offers }),
    place,
  };
}

function firstLine(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? '';
  return shortened(line, MAX_TITLE_LENGTH);
}
