/** A workspace folder as a row: how its database stands, in words. */
import { shownFacts } from '../../kernel/errors/shownReason';
import { inWords } from '../../kernel/errors/reasons/fill';
import { contextValue, type RowFlag } from '../../contract/views';
import { sentenceOf, type KernelError } from '../../kernel/errors/errors';
import type { KernelState } from '../../services/record/kernelState';
import type { Localizer } from '../rows/localizer';
import { rowRef, type Icon, type Row, type Tooltip } from '../rows/row';
import type { FolderRecord } from './record/folderRecord';
import type { ViewContext } from './viewContext';

const STATE_ICONS: Readonly<Record<KernelState['kind'], Icon>> = {
  missing: { id: 'root-folder' },
  loading: { id: 'loading~spin' },
  ready: { id: 'root-folder-opened' },
  readOnly: { id: 'lock-small' },
  failed: { id: 'warning', color: 'list.warningForeground' },
};

export function folderRow(context: ViewContext, record: FolderRecord): Row {
  const { state } = record.source;
  const label = context.nameOf(record.folder);
  const description = stateWords(context.l10n, state) ?? activeWords(context.l10n, record);
  const flags: RowFlag<'folder'>[] = [state.kind];
  if (state.kind === 'failed' && state.backup !== undefined) flags.push('backup');
  return {
    ref: rowRef({ kind: 'folder', folder: record.folder }),
    label,
    description,
    icon: STATE_ICONS[state.kind],
    contextValue: contextValue('folder', flags),
    spoken: `${label}, ${description}`,
    // The editor expands a row automatically only when it first draws it, so one that is still being read is open already.
    expands: record.isReadable || state.kind === 'loading' ? 'expanded' : 'no',
  };
}

export function folderTooltip({ l10n, nameOf }: ViewContext, record: FolderRecord): Tooltip {
  const { state } = record.source;
  const place = [l10n.t('Folder'), record.folder] as const;
  const title = nameOf(record.folder);
  switch (state.kind) {
    case 'missing':
    case 'loading':
    case 'ready':
      return { title, facts: [place] };
    case 'readOnly':
      return { title, facts: [place], text: explain(l10n, state.error) };
    case 'failed': {
      const backup = state.backup === undefined ? [] : [[l10n.t('Newest backup'), state.backup] as const];
      return { title, facts: [place, ...backup], text: explain(l10n, state.error) };
    }
  }
}

/** What failed and what can be done, in the editor's language. */
export function explain(l10n: Localizer, error: KernelError): string {
  const { hint, values } = sentenceOf(error.code, error.facts);
  return `${sentence(l10n, error)} ${inWords(l10n, hint, shownFacts(l10n, values))}`;
}

/** What failed, without what can be done. */
export function sentence(l10n: Localizer, error: KernelError): string {
  const { text, values } = sentenceOf(error.code, error.facts);
  return inWords(l10n, text, shownFacts(l10n, values));
}

function stateWords(l10n: Localizer, state: KernelState): string | undefined {
  switch (state.kind) {
    case 'missing':
      return l10n.t('no database yet');
    case 'loading':
      return l10n.t('loading');
    case 'ready':
      return undefined;
    case 'readOnly':
      return l10n.t('read-only');
    case 'failed':
      return sentence(l10n, state.error);
  }
}

function activeWords(l10n: Localizer, record: FolderRecord): string {
  const active = record.runs.openCount;
  if (active === 0) return l10n.t('no active run');
  return inWords(l10n, '{0} active runs', active);
}
