/** Stores how a dispatch ended after its process is gone (`docs/design/agents.md#from-start-to-end`). */
import type { AgentKind } from '../../../contract/agentKinds';
import {
  proven,
  readCancel,
  readExit,
  readStarted,
  UNPROVEN,
  type ExitRecord,
} from '../../../host/launcher/launchRecord';
import { endAgentProcesses } from '../../../host/launcher/agentProcess';
import type { DispatchFiles } from '../../../host/launcher/dispatchFiles';
import type { Dispatch, DispatchEnding, ProcessFacts } from '../../../kernel/dispatch/model';
import { dispatchProcess, getDispatch, recordProcess, startedMsOf } from '../../../kernel/dispatch/service';
import { KernelError } from '../../../kernel/errors/errors';
import type { DispatchId } from '../../../kernel/ids';
import { storableText } from '../../../kernel/text/storableText';
import type { AgentFailure } from '../../failures/agentFailure';
import { noteEnding, type AccountDeps } from '../context/accounts';
import { graceMsOf, type DispatcherDeps } from '../context/deps';
import { processFactsOf } from '../context/processFacts';
import { storeDecisions } from './decisions';
import { endingOf, recordEnding } from './dispatchEnding';
import type { DispatchKernel } from '../../record/dispatchKernel';
import { LogReading } from '../../agents/outputReader';

export interface EndedDispatch {
  readonly kernel: DispatchKernel;
  readonly id: DispatchId;
  readonly files: DispatchFiles;
  readonly timeLimitSec: number | null;
  readonly overdue: boolean;
  readonly graceMs: number;
  /** Stores a limit that ended it. */
  readonly accounts: AccountDeps & Pick<DispatcherDeps, 'driftFolder' | 'log'>;
}

/**
 * Stores the ending according to the exit record. An ending that another window stored first stays.
 * @throws KernelError of the write
 */
export async function settle(subject: EndedDispatch, reading: LogReading): Promise<void> {
  const { kernel, id, files } = subject;
  const [foundExit, cancel, started] = await Promise.all([readExit(files), readCancel(files), readStarted(files)]);
  const [exit, start] = [proven(foundExit), proven(started)];
  // An agent whose launcher was killed would continue unnoticed.
  if (exit === undefined) await endAgentProcesses(files, subject.graceMs);
  const { report, verdict } = await reading.finish();
  const { overdue, timeLimitSec } = subject;
  const ending = endingOf({
    exit,
    cancel: proven(cancel),
    started: start !== undefined,
    overdue,
    timeLimitSec,
    report,
    verdict,
    isExitUnproven: foundExit === UNPROVEN,
    prices: reading.kind.usage,
  });
  const failure =
    ending.status === 'failed' && exit?.problem === undefined ? await failureOf(reading, exit) : undefined;
  const explained = failure === undefined ? ending : withFailure(ending, failure);
  // Before the ending, after which no program reads the log again.
  await storeDecisions(kernel, id, reading, subject.accounts.log);
  const found = start === undefined || ending.neverStarted === true ? undefined : processFactsOf(files, start);
  const stored = await storeUnlessEnded(kernel, id, withNotes(explained, await undeliveredTo(subject)), found);
  if (!stored) return;
  noteAccount(subject, reading.kind, ending, failure);
  await noteDrift(subject, reading);
}

/** The count only helps people. The ending is stored even if counting fails. */
async function noteDrift({ id, accounts: { driftFolder, log } }: EndedDispatch, reading: LogReading): Promise<void> {
  const { drift, kind, report } = reading;
  if (driftFolder === undefined || drift.size === 0) return;
  try {
    const { addDrift } = await import('../../../host/state/schemaDrift.js');
    await addDrift(driftFolder, {
      kind: kind.name,
      version: report.version ?? 'unknown',
      counts: Object.fromEntries(drift),
    });
  } catch (error) {
    log.warn('drift of an output not counted', { id, error });
  }
}

async function failureOf(reading: LogReading, exit: ExitRecord | undefined): Promise<AgentFailure> {
  const { agentFailure } = await import('../../failures/agentFailure.js');
  const { kind, report, otherLines } = reading;
  const endedAtMs = exit?.endedAtMs ?? Date.now();
  return agentFailure({ kind, report, otherLines, exitCode: exit?.exitCode ?? null, endedAtMs });
}

/** A printed line explains more than the exit code, and a remedy more than both. */
function withFailure(
  ending: DispatchEnding,
  { class: failure, resetsAt, reason, remedy }: AgentFailure,
): DispatchEnding {
  const { errorMessage = '' } = ending;
  const says = reason === undefined || errorMessage.includes(reason) ? [] : [reason.trim()];
  const message = [...says, errorMessage, ...(remedy === undefined ? [] : [remedy])].join(' · ');
  return { ...ending, errorMessage: storableText(message, MAX_MESSAGE_LENGTH), failure: { class: failure, resetsAt } };
}

/** The notes are last, so a long message of the agent gives way. */
function withNotes(ending: DispatchEnding, notes: readonly string[]): DispatchEnding {
  if (notes.length === 0) return ending;
  const said = storableText(notes.join(' · '), MAX_MESSAGE_LENGTH / 2);
  const { errorMessage = '' } = ending;
  const rest = storableText(errorMessage, MAX_MESSAGE_LENGTH / 2);
  return { ...ending, errorMessage: storableText(rest === '' ? said : `${rest} · ${said}`, MAX_MESSAGE_LENGTH) };
}

/** The ending is stored even if the words of people cannot be read. */
async function undeliveredTo({ id, files, accounts: { log } }: EndedDispatch): Promise<readonly string[]> {
  try {
    const { undelivered } = await import('./undelivered.js');
    return await undelivered(files);
  } catch (error) {
    log.warn('commands of a session not read', { id, error });
    return [];
  }
}

const MAX_MESSAGE_LENGTH = 4000;

function noteAccount(
  { kernel, id, accounts }: EndedDispatch,
  kind: AgentKind,
  { status, errorMessage = '' }: DispatchEnding,
  failure: AgentFailure | undefined,
): void {
  const account = kernel.read((r) => dispatchProcess(r, id))?.account ?? null;
  if (account === null) return;
  if (status === 'completed') noteEnding(accounts, { account, kind }, { kind: 'completed' });
  if (failure === undefined) return;
  const { class: name, resetsAt, reason = errorMessage } = failure;
  const startedMs = kernel.read((r) => startedMsOf(r, id));
  noteEnding(accounts, { account, kind }, { kind: 'failed', class: name, resetsAt, startedMs, reason });
}

/** Settles a dispatch that no program followed to its end, by reading its log from the start. */
export async function settleGone(
  deps: DispatcherDeps,
  kernel: DispatchKernel,
  dispatch: Dispatch,
  files: DispatchFiles,
): Promise<void> {
  const { id, timeoutSec } = dispatch;
  const onProblem = (error: KernelError) => deps.log.warn('log not readable', { id, problem: error.message });
  const reading = new LogReading(files, kindOf(deps, dispatch), () => undefined, onProblem);
  try {
    await settle(
      { kernel, id, files, timeLimitSec: timeoutSec, overdue: false, graceMs: graceMsOf(deps), accounts: deps },
      reading,
    );
  } finally {
    await reading.dispose();
  }
}

/**
 * Stores an ending with that of the run's agent. False if another program stored one first, which stays.
 * @param found its process, which is recorded before its ending where the one that started it has not done so yet
 */
export async function storeUnlessEnded(
  kernel: DispatchKernel,
  id: DispatchId,
  ending: DispatchEnding,
  found?: ProcessFacts,
): Promise<boolean> {
  try {
    await kernel.write((u) => {
      if (found !== undefined && getDispatch(u, id).status === 'spawned') recordProcess(u, id, found);
      recordEnding(u, id, ending);
    });
    return true;
  } catch (error) {
    if (KernelError.is(error, 'DISPATCH_FINISHED')) return false;
    throw error;
  }
}

/** The dispatch's kind. Output of a kind that is no longer configured is read as plain text. */
export function kindOf(deps: DispatcherDeps, { agentType }: Dispatch): AgentKind {
  const known = deps.kinds().find((kind) => kind.name === agentType);
  return known ?? { name: agentType, command: agentType, args: [], promptBy: 'stdin', parser: 'plain' };
}
