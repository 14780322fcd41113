/** The demo's sessions: dispatches that wait in its queue until a window opens it, and then talk and ask. */
import path from 'node:path';
import type { AgentKind } from '../../contract/agentKinds';
import { systemPorts } from '../../host/clock';
import { endAgentProcesses } from '../../host/launcher/agentProcess';
import { findDispatchFiles } from '../../host/launcher/dispatchFiles';
import { writeCancel } from '../../host/launcher/launchRecord';
import { activeDispatches } from '../../kernel/dispatch/service';
import { storedReason } from '../../kernel/errors/reasons/storedReasons';
import type { DispatchRequest } from '../dispatch/context/dispatchRequest';
import { storeUnlessEnded } from '../dispatch/end/settlement';
import { putInQueue } from '../dispatch/start/enqueue';
import type { ProjectKernel } from '../record/kernels';

const KIND = 'demo-session';
const SCRIPT = 'session.mjs';
const GRACE_MS = 500;
const REMOVED = storedReason('killed by user');

/** A request of the demo. Its name is the first line of the prompt, by which the script knows what to do. */
interface DemoSession extends Pick<DispatchRequest, 'permissions'> {
  readonly name: string;
  readonly text: string;
}

/** The first one reads for a while and then shows a diff; the second one has a question. */
export const API_SESSIONS: readonly DemoSession[] = [
  { name: 'Document late parcels', text: 'Explain in README.md when a parcel is late.', permissions: 'askAll' },
  { name: 'Choose the unit of delays', text: 'Ask me whether delays are shown in days or hours.' },
];

/** It needs a command. */
export const WEB_SESSIONS: readonly DemoSession[] = [
  { name: 'Summarize the history of the page', text: 'How many commits are there, and which is the latest?' },
];

/** A script that speaks the Agent Client Protocol; `runner` is what the demo's other agent runs with. */
export function sessionKind(folder: string, runner: Pick<AgentKind, 'command' | 'env'>): AgentKind {
  return {
    ...runner,
    name: KIND,
    args: [path.join(folder, SCRIPT)],
    protocol: 'acp',
    session: { askMode: 'ask' },
    promptBy: 'stdin',
    parser: 'acp',
  };
}

/** Adds the sessions to the queue of the folder, as if the user had queued them. */
export async function queueSessions(
  kernel: ProjectKernel,
  storageDir: string,
  sessions: readonly DemoSession[],
): Promise<void> {
  for (const { text, ...request } of sessions) {
    const prompt = `${request.name}\n\n${text}\n`;
    await putInQueue({ storageDir, ports: systemPorts }, kernel, { ...request, kind: KIND, prompt });
  }
}

/** Ends the demo's sessions that are running, most of which wait for an answer. Nothing but the script's work is lost. */
export async function endSessions(kernel: ProjectKernel, storageDir: string): Promise<void> {
  const running = kernel.read((r) => activeDispatches(r)).filter(({ agentType }) => agentType === KIND);
  for (const { id } of running) {
    const files = await findDispatchFiles([storageDir], id);
    if (files === undefined) continue;
    // A window that sees the process end reads the reason from this record.
    await writeCancel(files, { reason: REMOVED, requestedAtMs: systemPorts.clock.nowMs() });
    await endAgentProcesses(files, GRACE_MS);
    await storeUnlessEnded(kernel, id, { status: 'cancelled', errorMessage: REMOVED });
  }
}
