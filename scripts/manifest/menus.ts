/** The menus of rows and of views' titles in package.json, and the menus within them, from src/contract/menus. */
import { ROW_MENUS, ROW_VIEWS } from '../../src/contract/menus/menus';
import type { RowOffer, ViewName } from '../../src/contract/menus/model';
import { SUBMENUS } from '../../src/contract/menus/submenus';
import { TITLE_MENUS } from '../../src/contract/menus/titles';
import { COMMANDS } from '../../src/contract/surfaces/commands';
import { VIEWS, type RowKind } from '../../src/contract/views';
import type { Texts } from './texts';

const TRUSTED = 'isWorkspaceTrusted';

/** What these menus of `contributes.menus` have to be. */
export function menus(): Readonly<Record<string, readonly object[]>> {
  const within = Object.entries(SUBMENUS).map(([id, { kind, items }]): [string, readonly object[]] => [
    id,
    items.flatMap((offer) => entriesOf(offer, patternOf(kind, offer, ''))),
  ]);
  return { 'view/title': titleEntries(), 'view/item/context': rowEntries(), ...Object.fromEntries(within) };
}

/** What `contributes.submenus` has to be. */
export function submenus(): readonly object[] {
  return Object.keys(SUBMENUS).map((id) => ({ id, label: `%${labelKey(id)}%` }));
}

/** What package.nls.json has to say of them. */
export function submenuLabels(): Texts {
  return Object.fromEntries(Object.entries(SUBMENUS).map(([id, { label }]) => [labelKey(id), label]));
}

const labelKey = (id: string): string => `${id.slice('intercore.'.length)}.label`;

function titleEntries(): object[] {
  return (Object.keys(VIEWS) as ViewName[]).flatMap((view) =>
    (TITLE_MENUS[view] ?? []).flatMap((offer) => entriesOf(offer, [`view == ${VIEWS[view]}`])),
  );
}

function rowEntries(): object[] {
  return (Object.keys(ROW_MENUS) as RowKind[]).flatMap((kind) =>
    (ROW_MENUS[kind] ?? []).flatMap((offer: RowOffer) => {
      const views = (offer.views ?? ROW_VIEWS[kind] ?? []).map((view) => `view == ${VIEWS[view]}`);
      if (views.length === 0) throw new Error(`src/contract/menus: no view shows rows of the kind ${kind}`);
      const isShown = views.length > 1 ? `(${views.join(' || ')})` : views.join();
      return entriesOf(offer, [isShown, ...patternOf(kind, offer)]);
    }),
  );
}

/** The pattern of the rows of a kind, or nothing where all of them are meant and that is known from elsewhere. */
function patternOf(
  kind: RowKind,
  { flags = [], oneOf = [], without = [] }: Pick<RowOffer, 'flags' | 'oneOf' | 'without'>,
  ofAll?: '',
): string[] {
  const asked = [
    ...without.map((flag) => `(?!.*\\+${flag}\\b)`),
    ...(oneOf.length === 0 ? [] : [`(?=.*\\+(${oneOf.join('|')})\\b)`]),
    ...flags.map((flag) => `(?=.*\\+${flag}\\b)`),
  ];
  return asked.length === 0 && ofAll === '' ? [] : [`viewItem =~ /^intercore\\.${kind}\\b${asked.join('')}/`];
}

/** One entry for each place in the menu. */
function entriesOf(offer: Pick<RowOffer, 'context' | 'at'> & OfWhat, terms: readonly string[]): object[] {
  const { context = [], at, command, submenu } = offer;
  const needsTrust = command === undefined ? offer.trusted === true : COMMANDS[command].changes;
  const when = [...terms, ...context, ...(needsTrust ? [TRUSTED] : [])].join(' && ');
  return at.map((group) => ({
    ...(command === undefined ? { submenu } : { command }),
    ...(when === '' ? {} : { when }),
    group,
  }));
}

interface OfWhat {
  readonly command?: keyof typeof COMMANDS;
  readonly submenu?: string;
  readonly trusted?: true;
}
