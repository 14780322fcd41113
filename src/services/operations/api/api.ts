/** The exported API: parses arguments, then runs the named operation. */
import type { Groups, IntercoreApi, OperationName, OperationResults } from '../../../contract/surfaces/api';
import { OPERATION_NAMES } from '../../../contract/surfaces/names';
import { folderInfo } from '../folders';
import type { OperationHost } from '../host';

/** The operations of an editor window. The host holds all state. */
export function createApi(host: OperationHost): IntercoreApi {
  return {
    version: 1,
    folders: () => host.kernels.all().map(folderInfo),
    ...groupsOf(host),
    onDidChange: (listener) =>
      host.kernels.onDidChange(({ kernel, change }) => {
        listener({
          folder: kernel.folder,
          generation: change.generation,
          origin: change.origin,
          runs: [...change.runs],
          dispatches: [...change.dispatches],
        });
      }),
  };
}

/** `runs.advance` is `advance` of the group `runs`. */
function groupsOf(host: OperationHost): Groups;
function groupsOf(host: OperationHost): object {
  const groups: Record<string, Record<string, (args: unknown) => Promise<unknown>>> = {};
  for (const name of OPERATION_NAMES) {
    const [group = '', verb = ''] = name.split('.');
    (groups[group] ??= {})[verb] = async (args) => await runOperation(host, name, args);
  }
  return groups;
}

/**
 * Runs the named operation with untrusted arguments.
 * @throws KernelError as `runWith`
 */
export async function runOperation<N extends OperationName>(
  host: OperationHost,
  name: N,
  args: unknown,
): Promise<OperationResults[N]> {
  const [{ runnable }, { runWith }] = await Promise.all([import('./implementations.js'), import('../runner.js')]);
  return await runWith(host, name, runnable(name), args);
}
