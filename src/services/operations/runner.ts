/**
 * Runs every operation, from every surface: parses its arguments, checks who decides and trust, and finds the folder
 * before it calls the implementation.
 */
import * as z from 'zod';
import type { OperationArgs, OperationName, OperationResults } from '../../contract/surfaces/api';
import { needsTrust, type Ways } from '../../contract/declarations/operation';
import type { ProjectKernel } from '../record/kernels';
import { parseArguments } from './arguments';
import { kernelOf, requireTrust, type FolderHost, type OperationHost } from './host';
import { WITHOUT_FOLDER, type Given, type Implement } from './implementation';
import { KernelError } from '../../kernel/errors/errors';
import { isOwn, isWidest, personDecides, reachOfDispatch, verdictOn } from '../consent/decisions';

/** An operation's declaration, with its implementation. */
export interface Runnable<N extends OperationName> extends Pick<Ways, 'decides' | 'effect' | 'trust'> {
  readonly args: z.ZodType<OperationArgs<N>> & { readonly shape: object };
  readonly implement: Implement<N>;
}

/**
 * @param given the arguments, as the caller gave them
 * @throws KernelError `INVALID_ARGUMENT` that names the first invalid field; `PERSON_DECIDES` and `AGENT_WIDER` if an
 * agent is not allowed to do it; `UNTRUSTED`; and as `kernelOf` and the operation
 */
export async function runWith<N extends OperationName>(
  host: OperationHost,
  name: N,
  operation: Runnable<N>,
  given: unknown,
): Promise<OperationResults[N]> {
  const args = parseArguments<OperationArgs<N>>(operation.args, given);
  await refuseUndecided(host, name, operation, args);
  if (needsTrust(operation)) requireTrust(host, name);
  return await host.callers.run({ caller: host.actor(), operation: name }, async () =>
    operation.implement(...(await inFolder(host, name, operation, args))),
  );
}

const FINDS_ITSELF: readonly OperationName[] = WITHOUT_FOLDER;

/** @throws KernelError as `kernelOf` */
async function inFolder<N extends OperationName>(
  host: OperationHost,
  name: N,
  operation: Runnable<N>,
  args: OperationArgs<N>,
): Promise<Given<N>>;
async function inFolder(
  host: OperationHost,
  name: OperationName,
  { args: { shape } }: { readonly args: { readonly shape: object } },
  args: object,
): Promise<readonly [OperationHost | FolderHost, object]> {
  if (!('folder' in shape) || FINDS_ITSELF.includes(name)) return [host, args];
  return [withKernel(host, await kernelOf(host, subjectOf(args), name)), withoutFolder(args)];
}

/** Parts of a host may be created at their first use, so none is copied. */
function withKernel(host: OperationHost, kernel: ProjectKernel): FolderHost;
function withKernel(host: object, kernel: ProjectKernel): object {
  return { __proto__: host, kernel };
}

function withoutFolder(args: object): object {
  return Object.fromEntries(Object.entries(args).filter(([argument]) => argument !== 'folder'));
}

const text = z.string().optional();
const subject = z.object({
  folder: text,
  runId: text,
  dispatchId: text,
  projectId: text,
  taskId: text,
  subtaskId: text,
});

/** The fields of parsed arguments that name their subject. */
export function subjectOf(args: object): z.output<typeof subject> {
  return subject.parse(args);
}

/** @throws KernelError `PERSON_DECIDES`, `AGENT_WIDER`; as `kernelOf` */
export async function refuseUndecided(
  host: OperationHost,
  name: OperationName,
  { decides, effect }: Pick<Ways, 'decides' | 'effect'>,
  args: object,
): Promise<void> {
  if (decides === 'anyone' && effect !== 'start') return;
  const caller = host.caller();
  const given = Object.entries(args).flatMap(([argument, value]) => (value === undefined ? [] : [argument]));
  const verdict = verdictOn(caller, decides, given);
  if (verdict === 'refused') personDecides(name);
  if (caller.kind !== 'dispatch') return;
  const { dispatchId } = caller;
  const meant = subjectOf(args);
  if (verdict === 'ownerDecides') {
    const kernel = await kernelOf(host, meant, name);
    if (!kernel.read((r) => isOwn(r, dispatchId, meant))) personDecides(name);
  }
  if (effect === 'start' && !name.startsWith('dispatches.')) {
    // A window starts them with the kinds of its own settings; the dispatcher compares those of `dispatches`.
    const kernel = await kernelOf(host, meant, name);
    const kinds = (host.agentFacts ?? host.dispatcher).kinds();
    const own = kernel.read((r) => reachOfDispatch(r, kinds, dispatchId));
    if (!isWidest(own)) throw new KernelError('AGENT_WIDER', { kind: 'planner or worker' });
  }
}
