/** How menus are declared: which commands they offer, for what, and where in the menu. Only `npm run docs` loads menus. */
import type { ContextKey } from '../contextKeys';
import type { CommandId } from '../surfaces/commands';
import type { RowFlag, RowKind, VIEWS } from '../../contract/views';

export type ViewName = keyof typeof VIEWS;

interface Offer {
  /** Keys that must hold besides, or with `!` must not. Trust is not among them: it follows from the command. */
  readonly context?: readonly (ContextKey | `!${ContextKey}`)[];
  /** Groups with the position in them: `inline@1` is a button of the row, `navigation@1` one of the view. */
  readonly at: readonly string[];
}

interface CommandOffer extends Offer {
  readonly command: CommandId;
}

interface SubmenuOffer extends Offer {
  readonly submenu: string;
  /** Offered in trusted windows only. */
  readonly trusted?: true;
}

interface RowCondition<K extends RowKind> {
  /** Only in these views of the kind. */
  readonly views?: readonly ViewName[];
  /** Flags that a row has to carry. */
  readonly flags?: readonly RowFlag<K>[];
  /** Of these flags, one at least. */
  readonly oneOf?: readonly RowFlag<K>[];
  /** Flags that it may not carry. */
  readonly without?: readonly RowFlag<K>[];
}

export type RowOffer<K extends RowKind = RowKind> = (CommandOffer | SubmenuOffer) & RowCondition<K>;

export type RowMenus = { readonly [K in RowKind]?: readonly RowOffer<K>[] };

export type TitleMenus = { readonly [V in ViewName]?: readonly CommandOffer[] };

interface SubmenuOf<K extends RowKind> {
  readonly label: string;
  /** The rows that have it. */
  readonly kind: K;
  readonly items: readonly (CommandOffer & RowCondition<K>)[];
}

export type Submenus = Readonly<Record<string, { [K in RowKind]: SubmenuOf<K> }[RowKind]>>;
