/** The sentences and hints of failures of agents, their accounts and processes, and of what they may do. */
import type { ErrorCode } from './errorFacts';
import type { Sentence } from './sentence';

export const AGENT_SENTENCES = {
  AGENT_KIND_UNKNOWN: {
    text: 'There is no agent kind "{kind}".',
    hint: 'Known kinds: {known}. Add others with Add Agent Kind… or in the setting intercore.agents.kinds.',
  },
  AGENT_UNLISTED: {
    text: 'There is no agent "{kind}" to add.',
    hint: 'Agents to add: {known}. Add other programs in the setting intercore.agents.kinds.',
  },
  AGENT_NOT_INSTALLED: {
    text: 'The agent kind {kind} is not installed: the program {command} was not found on PATH.',
    hint: 'Install it with Add Agent Kind… in the editor, or with ic agent add {kind}.',
  },
  AGENT_NEEDS_PROGRAM: {
    text: 'The agent kind {kind} needs the program {program}, which was not found on PATH.',
    hint: 'Install it, or add its folder to PATH, then try again.',
  },
  AGENT_NEEDS_NODE: {
    text: 'The agent kind {kind} needs Node {least} or newer. The Node on PATH is {version}.',
    hint: 'Install a newer Node, then try again.',
  },
  AGENT_NOT_ADDED: {
    text: 'npm could not install {package}, so the agent kind {kind} was not added: {problem}.',
    hint: 'Check your connection and the configuration of npm, then try again. Nothing was kept.',
  },
  AGENT_ALTERED: {
    text: 'The package {package} is not the one that Intercore knows, so the agent kind {kind} was not added.',
    hint: 'Check the registry that npm uses. Nothing was kept, and nothing of the package was run.',
  },
  AGENT_KIND_IN_USE: {
    text: 'The agent kind {kind} was not removed: {problem}.',
    hint: 'Wait until it ends, or kill it, then try again.',
  },
  AGENT_NOT_STARTED: {
    text: 'The agent "{command}" could not be started: {problem}.',
    hint: 'Check that the program is installed and on PATH, or set its command in intercore.agents.kinds.',
  },
  SESSION_MISSING: {
    text: 'Dispatch {dispatchId} has no session.',
    hint: 'Only agent kinds with the protocol acp have sessions. If the agent has just started, try again.',
  },
  SESSION_ENDED: {
    text: 'The session of dispatch {dispatchId} has ended.',
    hint: 'Continue the session in a new dispatch.',
  },
  REQUEST_VOID: {
    text: 'Request {number} of dispatch {dispatchId} is void, because its session has ended.',
    hint: 'Continue the session in a new dispatch.',
  },
  SESSION_RUNNING: {
    text: 'The session of dispatch {dispatchId} is still running.',
    hint: 'Say it to the running agent.',
  },
  REQUEST_ANSWERED: {
    text: 'Request {number} of dispatch {dispatchId} was already answered by {by}: {answer}.',
    hint: 'Your answer was not used.',
  },
  AGENT_NOT_STEERED: {
    text: 'The agent of dispatch {dispatchId} accepts no text during a turn.',
    hint: 'Send the text after the turn, or stop the turn first.',
  },
  ACCOUNT_HELD: {
    text: 'The account of {kind} is held until {until}: {reason}.',
    hint: 'Work continues at that time. To start agents now, run: ic agent resume {kind}',
  },
  ACCOUNT_STOPPED: {
    text: 'The account of {kind} is held until you resume it: {reason}.',
    hint: 'To start its agents again, run: ic agent resume {kind}',
  },
  TOO_MANY_DISPATCHES: {
    text: '{active} agents are running in this window. The limit is {limit}.',
    hint: 'Wait until an agent ends, kill one, or raise the setting intercore.dispatch.maxConcurrent.',
  },
  DISPATCHES_LIVE: {
    text: 'The database {path} was not removed: {active} of its dispatches may still be running.',
    hint: 'Wait until they end, or kill them first.',
  },
  PROCESS_UNKNOWN: {
    text: 'Process {pid} of dispatch {dispatchId} was not stopped: {problem}.',
    hint: 'If it is still running, stop it manually, then cancel the dispatch again.',
  },
  PERSON_DECIDES: {
    text: 'Only a person can decide on {operation}, and this call comes from an agent.',
    hint: 'Ask the person. For a gate, run ic gate ask RUN --reason=TEXT, which adds an item to Needs You. Otherwise, ask in your output.',
  },
  AGENT_NOT_ALLOWED: {
    text: 'Agents of kind {kind} are not allowed in {folder} yet.',
    hint: 'They run programs and change files without asking. Allow them with Allow Agents… in the editor, or with ic agent allow {kind}.',
  },
  AGENT_WIDER: {
    text: 'An agent of kind {kind} has more permissions than the agent that requested it.',
    hint: 'Request a kind and a sandbox with no more permissions than your own, or ask the person to start it.',
  },
} satisfies { readonly [C in ErrorCode]?: Sentence };
