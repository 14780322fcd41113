/** The list of dispatches, in chunks. */
import { longList } from '../list/longList';
import { DISPATCHES, type Dispatch, type DispatchFilter } from './model';
import { listed, NEWEST_FIRST } from './store';

export const DISPATCH_LIST = longList<DispatchFilter, Dispatch>({
  table: DISPATCHES,
  order: NEWEST_FIRST,
  listed,
});
