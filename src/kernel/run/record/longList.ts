/** The list of runs, in chunks. */
import { longList } from '../../list/longList';
import { RUNS, type Run, type RunFilter } from './model';
import { listed, NEWEST_FIRST } from './store';

export const RUN_LIST = longList<RunFilter, Run>({
  table: RUNS,
  order: NEWEST_FIRST,
  listed,
});
