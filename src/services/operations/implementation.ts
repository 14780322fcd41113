/** The shape of the operations' implementations: parsed arguments in, plain results out. */
import type { OperationArgs, OperationName, OperationResults } from '../../contract/operations/api';
import type { OperationHost } from './host';

export type Implement<N extends OperationName> = (
  host: OperationHost,
  args: OperationArgs<N>,
) => Promise<OperationResults[N]>;

/** All operations of some groups (`runs`, `gates` …); leaving one out does not compile. */
export type Implementation<G extends string> = {
  readonly [N in OperationName as N extends `${G}.${string}` ? N : never]: Implement<N>;
};
