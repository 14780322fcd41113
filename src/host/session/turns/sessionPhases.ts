/** The phases of a session as a table. An event that a phase has no line for is refused. */
import type { SessionPhase } from '../../../contract/sessions';

export const SESSION_EVENTS = ['opened', 'prompted', 'turnEnded', 'pause', 'resume', 'close', 'exited'] as const;
export type SessionEvent = (typeof SESSION_EVENTS)[number];

const ENDING = { close: 'closing', exited: 'ended' } as const;

const PHASES: Readonly<Record<SessionPhase, Readonly<Partial<Record<SessionEvent, SessionPhase>>>>> = {
  starting: { opened: 'idle', ...ENDING },
  idle: { prompted: 'running', pause: 'paused', ...ENDING },
  running: { turnEnded: 'idle', ...ENDING },
  paused: { resume: 'idle', ...ENDING },
  closing: { turnEnded: 'closing', exited: 'ended' },
  ended: {},
};

export function nextPhase(phase: SessionPhase, event: SessionEvent): SessionPhase | undefined {
  return PHASES[phase][event];
}
