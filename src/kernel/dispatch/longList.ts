/** The list of dispatches, in chunks. */
import { longList } from '../list/longList';
import type { Dispatch, DispatchFilter } from './model';
import { dispatchCodec } from './rows';
import { COLUMNS, listed, NEWEST_FIRST } from './store';

export const DISPATCH_LIST = longList<DispatchFilter, Dispatch>({
  name: 'dispatches',
  columns: COLUMNS,
  order: NEWEST_FIRST,
  codec: dispatchCodec,
  listed,
});
