/**
 * The names of all operations. The build puts the list itself in place of this module, so that a window starts without
 * the declarations.
 */
import { DECLARATIONS, type OperationName } from './operations';

/** In the order of the contract. */
export const OPERATION_NAMES = Object.keys(DECLARATIONS) as readonly OperationName[];
