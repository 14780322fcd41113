/**
 * The closed table of `ic` commands: parser, help, completion and docs/cli.md are made from it. A command line loads
 * only the commands of its own noun, because loading takes most of the time of a short command.
 */
import type { CliCommand } from './command/command';

type Commands = Promise<readonly CliCommand[]>;

const database = async (): Commands => (await import('./nouns/record/database.js')).DATABASE_COMMANDS;

/** A file of a noun's commands, and the second words of its commands. */
interface Part {
  readonly words: readonly string[];
  readonly load: () => Commands;
}

const RUN: readonly Part[] = [
  {
    words: ['create', 'current', 'events', 'list', 'phase', 'set', 'status'],
    load: async () => (await import('./nouns/run/runs.js')).RUN_COMMANDS,
  },
  {
    words: ['advance', 'cancel', 'rollback', 'skip'],
    load: async () => (await import('./nouns/run/runFlow.js')).RUN_FLOW_COMMANDS,
  },
  {
    words: ['agent', 'artifact', 'budget', 'tokens'],
    load: async () => (await import('./nouns/run/runRecords.js')).RUN_RECORD_COMMANDS,
  },
];

const DISPATCH: readonly Part[] = [
  {
    words: ['kill', 'poll', 'spawn', 'wait'],
    load: async () => (await import('./nouns/dispatch/dispatches.js')).DISPATCH_COMMANDS,
  },
  {
    words: ['list', 'prune', 'status', 'tokens'],
    load: async () => (await import('./nouns/dispatch/dispatchRecords.js')).DISPATCH_RECORD_COMMANDS,
  },
  { words: ['queue'], load: async () => (await import('./nouns/dispatch/dispatchQueue.js')).DISPATCH_QUEUE_COMMANDS },
  {
    words: ['answer', 'cancel-turn', 'edit-waiting', 'pause', 'resume', 'say', 'session'],
    load: async () => (await import('./nouns/dispatch/sessions.js')).SESSION_COMMANDS,
  },
  { words: ['hand-over'], load: async () => (await import('./nouns/dispatch/handOver.js')).HAND_OVER_COMMANDS },
  { words: ['transcript'], load: async () => (await import('./nouns/dispatch/transcript.js')).TRANSCRIPT_COMMANDS },
];

const wholly = (parts: readonly Part[]) => async (): Commands =>
  (await Promise.all(parts.map(({ load }) => load()))).flat();

const discovery = async (): Commands => {
  const [discoveries, upkeep] = await Promise.all([
    import('./nouns/discovery/discoveries.js'),
    import('./nouns/discovery/discoveryUpkeep.js'),
  ]);
  return [...discoveries.DISCOVERY_COMMANDS, ...upkeep.DISCOVERY_UPKEEP_COMMANDS];
};

const permissions = async (): Commands => (await import('./nouns/dispatch/permissions.js')).PERMISSION_COMMANDS;

const task = async (): Commands => {
  const [tasks, handOver] = await Promise.all([import('./nouns/task/tasks.js'), import('./nouns/task/handOver.js')]);
  return [...tasks.TASK_COMMANDS, ...handOver.TASK_HAND_OVER_COMMANDS];
};

const subtask = async (): Commands => {
  const [subtasks, handOver, landing] = await Promise.all([
    import('./nouns/task/subtasks.js'),
    import('./nouns/task/handOver.js'),
    import('./nouns/task/subtaskLanding.js'),
  ]);
  return [...subtasks.SUBTASK_COMMANDS, ...handOver.SUBTASK_HAND_OVER_COMMANDS, ...landing.LANDING_COMMANDS];
};

/** First word → the commands that start with it. */
const NOUNS: Readonly<Record<string, () => Commands>> = {
  init: database,
  version: database,
  health: database,
  doctor: async () => (await import('./nouns/program/doctor.js')).DOCTOR_COMMANDS,
  run: wholly(RUN),
  gate: async () => (await import('./nouns/run/gates.js')).GATE_COMMANDS,
  budget: async () => (await import('./nouns/run/budgets.js')).BUDGET_COMMANDS,
  needs: async () => (await import('./nouns/program/needs.js')).NEEDS_COMMANDS,
  dispatch: wholly(DISPATCH),
  events: async () => (await import('./nouns/record/events.js')).EVENT_COMMANDS,
  portfolio: async () => (await import('./nouns/portfolio/portfolios.js')).PORTFOLIO_COMMANDS,
  project: async () => (await import('./nouns/task/projects.js')).PROJECT_COMMANDS,
  task,
  subtask,
  worktree: async () => (await import('./nouns/task/worktrees.js')).WORKTREE_COMMANDS,
  discovery,
  interspect: async () => (await import('./nouns/discovery/interspect.js')).INTERSPECT_COMMANDS,
  state: async () => (await import('./nouns/record/state.js')).STATE_COMMANDS,
  sentinel: async () => (await import('./nouns/record/state.js')).SENTINEL_COMMANDS,
  lock: async () => (await import('./nouns/record/locks.js')).LOCK_COMMANDS,
  compat: async () => (await import('./nouns/record/compat.js')).COMPAT_COMMANDS,
  lead: async () => (await import('./nouns/program/lead.js')).LEAD_COMMANDS,
  mcp: async () => (await import('./nouns/program/mcp.js')).MCP_COMMANDS,
  agent: permissions,
  hooks: permissions,
  trust: permissions,
  completion: async () => [(await import('./nouns/program/completion.js')).completionCommand(allCommands)],
};

/** The commands that start with this word; none if there is no such noun. */
export async function commandsOf(noun: string | undefined): Commands {
  const load = noun !== undefined && Object.hasOwn(NOUNS, noun) ? NOUNS[noun] : undefined;
  return load === undefined ? [] : (await load()).filter((command) => command.words[0] === noun);
}

const PARTS: Readonly<Record<string, readonly Part[]>> = { run: RUN, dispatch: DISPATCH };

/** The candidate commands for a line that starts with these words: those of one file, if the words identify it. */
export async function commandsFor(words: readonly string[]): Commands {
  const [noun = '', second = ''] = words;
  const parts = Object.hasOwn(PARTS, noun) ? PARTS[noun] : undefined;
  const part = parts?.find(({ words }) => words.includes(second));
  return part === undefined ? commandsOf(noun) : part.load();
}

/** Every command, noun by noun. */
export async function allCommands(): Commands {
  return (await Promise.all(Object.keys(NOUNS).map(commandsOf))).flat();
}
