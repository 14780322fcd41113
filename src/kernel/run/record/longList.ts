/** The list of runs, in chunks. */
import { longList } from '../../list/longList';
import type { Run, RunFilter } from './model';
import { RUN_COLUMNS, runRow } from './rows';
import { listed, NEWEST_FIRST } from './store';

export const RUN_LIST = longList<RunFilter, Run>({
  name: 'runs',
  columns: RUN_COLUMNS,
  order: NEWEST_FIRST,
  codec: runRow,
  listed,
});
