/** Operations on sessions, as commands to their hosts (`docs/design/sessions.md`). */
import { randomUUID } from 'node:crypto';
import { runsInSession, type AgentKind } from '../../../contract/agentKinds';
import type { AllSessions, LeftDispatch, OpenRequest, SessionCommand, SessionState } from '../../../contract/sessions';
import type { OperationArgs } from '../../../contract/surfaces/api';
import { findDispatchFiles, type DispatchFiles } from '../../../host/launcher/dispatchFiles';
import { readDecisions } from '../../../host/session/files/decisionFile';
import { currentState, giveCommand, hasHost, readCommands } from '../../../host/session/files/sessionFiles';
import { promptText } from '../../../host/session/turns/promptBlocks';
import { listDecisions, type PermissionDecision } from '../../../kernel/dispatch/decisions';
import { isActive } from '../../../kernel/dispatch/machine';
import type { NewDecision } from '../../../kernel/dispatch/newDecision';
import { activeDispatches, dispatchProcess, getDispatch } from '../../../kernel/dispatch/service';
import { defined } from '../../../kernel/defined';
import { KernelError, problemOf } from '../../../kernel/errors/errors';
import { dispatchId as dispatchIdSchema } from '../../../kernel/ids';
import { because, type Problem } from '../../../kernel/errors/reasons/problem';
import { findRun } from '../../../kernel/run/record/queries';
import { startOf } from '../../../kernel/text/storableText';
import type { DispatchRequest } from '../../dispatch/dispatcher';
import type { ProjectKernel } from '../../record/kernels';
import type { FolderHost } from '../host';
import type { Implementation } from '../implementation';
import { readAttachments } from './attachments';
import { formProblem } from './formValues';

interface Session {
  readonly files: DispatchFiles;
  readonly state: SessionState;
}

interface FoundSession extends Session {
  /** Whether its dispatch is. */
  readonly isActive: boolean;
}

export const sessionOperations: Implementation<'sessions'> = {
  'sessions.get': async (host, { dispatchId }) => (await sessionOf(host, dispatchId)).state,
  'sessions.decisions': decisionsOf,
  'sessions.say': async (host, { dispatchId, text, when = 'afterTurn', attachments: given }) => {
    const { files, state } = await openSession(host, dispatchId);
    if (when === 'now' && !state.canSteer) throw new KernelError('AGENT_NOT_STEERED', { dispatchId });
    const attachments = await readAttachments(host.kernel.folder, given);
    const id = randomUUID();
    const attached = attachments.length === 0 ? {} : { attachments };
    await giveCommand(files, { kind: 'say', id, text, ...attached, when, by: nameOf(host) });
    return id;
  },
  'sessions.editWaiting': async (host, { dispatchId, waitingId, text = '' }) => {
    const { files, state } = await openSession(host, dispatchId);
    if (!state.waiting.some(({ id }) => id === waitingId)) {
      throw new KernelError('NOT_FOUND', { what: 'waiting text', id: waitingId });
    }
    await giveCommand(files, { kind: 'edit', id: waitingId, text, by: nameOf(host) });
    return waitingId;
  },
  'sessions.continue': async (host, args) => host.dispatcher.start(host.kernel, await continuation(host, args)),
  'sessions.queueContinue': async (host, args) => host.dispatcher.queue(host.kernel, await continuation(host, args)),
  'sessions.answer': answer,
  'sessions.cancel': (host, { dispatchId }) => give(host, dispatchId, 'cancel'),
  'sessions.pause': (host, { dispatchId }) => give(host, dispatchId, 'pause'),
  'sessions.resume': (host, { dispatchId }) => give(host, dispatchId, 'resume'),
  'sessions.pauseAll': (host) => giveAll(host, 'pause', () => true),
  'sessions.resumeAll': (host) => giveAll(host, 'resume', ({ wantsPause }) => wantsPause),
};

/** Those of the record, and those that no program has recorded yet, where none follows the session. */
async function decisionsOf(
  host: FolderHost,
  { dispatchId }: { readonly dispatchId: string },
): Promise<readonly PermissionDecision[]> {
  const recorded = host.kernel.read((r) => listDecisions(r, dispatchId).sound);
  const id = dispatchIdSchema.parse(dispatchId);
  const files = await findDispatchFiles((host.agentFacts ?? host.dispatcher).storages, id);
  const isNew = (decision: NewDecision): boolean => !recorded.some(({ number }) => number === decision.number);
  const left = files === undefined ? [] : (await readDecisions(files)).filter(isNew);
  return [...recorded, ...left.map((decision) => ({ ...decision, dispatchId: id }))].sort(
    (a, b) => a.number - b.number,
  );
}

/** Waits for the end of a session that is closing. @throws KernelError `SESSION_RUNNING`, `SESSION_MISSING`; as `readAttachments` */
async function continuation(
  host: FolderHost,
  { dispatchId, text, attachments: given }: Omit<OperationArgs<'sessions.continue'>, 'folder'>,
): Promise<DispatchRequest> {
  const session = await sessionOf(host, dispatchId);
  if (isOpen(session)) throw new KernelError('SESSION_RUNNING', { dispatchId });
  const { state } = session;
  if (session.isActive) await host.dispatcher.wait(host.kernel, dispatchId, host.stopped);
  if (state.sessionId === null) throw new KernelError('SESSION_MISSING', { dispatchId });
  const attachments = await readAttachments(host.kernel.folder, given);
  return {
    ...continued(host.kernel, dispatchId),
    prompt: promptText(text, attachments),
    session: state.sessionId,
    parentId: dispatchId,
  };
}

/** What the next dispatch has of the earlier one. A run that has ended gets no more work. */
export function continued(kernel: ProjectKernel, dispatchId: string): Omit<DispatchRequest, 'prompt'> {
  return kernel.read((r) => {
    const { agentType: kind, name, model, scopeId, timeoutSec } = getDispatch(r, dispatchId);
    const run = scopeId === null ? undefined : findRun(r, scopeId);
    return {
      kind,
      ...defined({ name: name ?? undefined, model: model ?? undefined, timeLimitSec: timeoutSec ?? undefined }),
      ...defined({ cwd: dispatchProcess(r, dispatchId)?.cwd }),
      ...(run?.status === 'active' ? { runId: run.id } : {}),
    };
  });
}

async function give(host: FolderHost, dispatchId: string, kind: 'cancel' | 'pause' | 'resume'): Promise<string> {
  const { files } = await openSession(host, dispatchId);
  await giveCommand(files, { kind, by: nameOf(host) });
  return dispatchId;
}

/** Gives a command to each open session that suits, whatever the outcome of the others. */
async function giveAll(
  host: FolderHost,
  kind: 'pause' | 'resume',
  suits: (state: SessionState) => boolean,
): Promise<AllSessions> {
  const dispatches: string[] = [];
  const left: LeftDispatch[] = [];
  const sessionKinds = kindsOf(host).filter(runsInSession);
  for (const { id, name, agentType } of host.kernel.read((r) => activeDispatches(r))) {
    try {
      const { files, state } = await openSession(host, id);
      if (!suits(state)) continue;
      await giveCommand(files, { kind, by: nameOf(host) });
      dispatches.push(id);
    } catch (error) {
      if (KernelError.is(error, 'SESSION_ENDED')) continue;
      if (kind === 'resume' && KernelError.is(error, 'SESSION_MISSING')) continue;
      const isOneShot =
        KernelError.is(error, 'SESSION_MISSING') && !sessionKinds.some((each) => each.name === agentType);
      const problem = isOneShot ? null : problemOf(error);
      left.push({ dispatchId: id, name: name ?? agentType, kind: agentType, problem });
    }
  }
  return { dispatches, left };
}

function kindsOf(host: FolderHost): readonly AgentKind[] {
  return (host.agentFacts ?? host.dispatcher).kinds();
}

async function answer(host: FolderHost, args: Omit<OperationArgs<'sessions.answer'>, 'folder'>): Promise<string> {
  const { dispatchId, number, answer, reason, values } = args;
  const session = await sessionOf(host, dispatchId);
  if (!isOpen(session)) throw new KernelError('REQUEST_VOID', { dispatchId, number });
  const { files, state } = session;
  const request = state.requests.find((open) => open.number === number);
  if (request === undefined) {
    const first = (await readCommands(files, ['answer'])).find((given) => given.number === number);
    if (first !== undefined) throw answered(args, files, first);
    throw new KernelError('NOT_FOUND', { what: 'request', id: String(number) });
  }
  const problem = answerProblem(request, args);
  if (problem !== undefined) throw new KernelError('INVALID_ARGUMENT', problem);
  const by = nameOf(host);
  const outcome = await giveCommand(files, { kind: 'answer', number, answer, ...defined({ reason, values }), by });
  if (outcome.kind === 'taken') throw answered(args, files, outcome.first);
  // It was killed between its last state and the answer.
  if (!(await hasHost(files))) throw new KernelError('REQUEST_VOID', { dispatchId, number });
  return dispatchId;
}

type Answer = Pick<OperationArgs<'sessions.answer'>, 'answer' | 'reason' | 'values'>;

/** Why the answer does not fit the request. */
function answerProblem(
  request: OpenRequest,
  { answer, reason, values }: Answer,
): { readonly argument: string; readonly problem: Problem<'INVALID_ARGUMENT'> } | undefined {
  if (reason !== undefined && answer !== 'deny')
    return { argument: 'reason', problem: because('only a denial has a reason') };
  if (values !== undefined && answer !== 'accept')
    return { argument: 'values', problem: because('only accept has values') };
  if (request.kind === 'question') {
    if (answer === 'decline') return undefined;
    if (answer !== 'accept')
      return { argument: 'answer', problem: because('the request is a question: accept or decline it') };
    const problem = formProblem(request.fields, values ?? {});
    return problem === undefined ? undefined : { argument: 'values', problem };
  }
  if (answer === 'allow' && request.mayAllow) return undefined;
  if (answer === 'deny' && request.mayDeny) return undefined;
  if (answer !== 'allow' && answer !== 'deny') {
    return { argument: 'answer', problem: because('the request is for permission: allow or deny it') };
  }
  const problem =
    answer === 'allow'
      ? because('the agent does not offer to allow this once')
      : because('the agent does not offer to deny this once');
  return { argument: 'answer', problem };
}

/** The error of an answer that was not first. */
function answered(
  { dispatchId, number }: Pick<OperationArgs<'sessions.answer'>, 'dispatchId' | 'number'>,
  { commands }: DispatchFiles,
  first: SessionCommand | undefined,
): KernelError {
  if (first?.kind !== 'answer') {
    const clause = 'request {number} has an answer without a valid seal, which another program wrote';
    const problem = because(clause, { number });
    return new KernelError('FILE_UNREADABLE', { path: commands, problem });
  }
  return new KernelError('REQUEST_ANSWERED', { dispatchId, number, by: first.by, answer: first.answer });
}

/** The longest name of a caller in a command. */
const MAX_NAME = 200;

/** The caller, named as in signed writes. */
function nameOf(host: FolderHost): string {
  const caller = host.caller();
  return startOf(caller.kind === 'dispatch' ? `agent ${caller.dispatchId}` : host.actor(), MAX_NAME);
}

/** @throws KernelError `NOT_FOUND`, `SESSION_MISSING` */
async function sessionOf(host: FolderHost, dispatchId: string): Promise<FoundSession> {
  const { status } = host.kernel.read((r) => getDispatch(r, dispatchId));
  const files = await findDispatchFiles((host.agentFacts ?? host.dispatcher).storages, dispatchId);
  const state = files && (await currentState(files));
  if (files === undefined || state === undefined) throw new KernelError('SESSION_MISSING', { dispatchId });
  return { files, state, isActive: isActive(status) };
}

/** A session whose host takes commands. @throws KernelError `NOT_FOUND`, `SESSION_MISSING`, `SESSION_ENDED` */
async function openSession(host: FolderHost, dispatchId: string): Promise<Session> {
  const session = await sessionOf(host, dispatchId);
  if (isOpen(session)) return session;
  throw new KernelError('SESSION_ENDED', { dispatchId });
}

/** Whether its host takes commands. */
function isOpen({ isActive, state }: FoundSession): boolean {
  return isActive && state.phase !== 'ended' && state.phase !== 'closing';
}
