/** The shape of the operations' implementations: parsed arguments in, plain results out. */
import type { OperationArgs, OperationName, OperationResults } from '../../contract/surfaces/api';
import type { FolderHost, OperationHost } from './host';

/** Operations whose arguments may mean several folders, or a portfolio. They find the records themselves. */
export const WITHOUT_FOLDER = ['attention.list', 'budgets.get', 'budgets.set'] as const satisfies OperationName[];

/** An implementation gets the kernel of the folder, if its arguments may name one, and then no `folder`. */
export type Given<N extends OperationName> = N extends (typeof WITHOUT_FOLDER)[number]
  ? readonly [host: OperationHost, args: OperationArgs<N>]
  : 'folder' extends keyof OperationArgs<N>
    ? readonly [host: FolderHost, args: Omit<OperationArgs<N>, 'folder'>]
    : readonly [host: OperationHost, args: OperationArgs<N>];

/** The arguments are parsed, and the caller and the window are allowed to run it. */
export type Implement<N extends OperationName> = (
  ...given: Given<N>
) => OperationResults[N] | Promise<OperationResults[N]>;

/** All operations of some groups (`runs`, `gates` …); a missing one does not compile. */
export type Implementation<G extends string> = {
  readonly [N in OperationName as N extends `${G}.${string}` ? N : never]: Implement<N>;
};
