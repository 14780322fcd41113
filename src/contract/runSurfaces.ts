/** Where the operations on runs and on what they gather are reached. */
import type { OperationName } from './api';
import type { Surface } from './surfaceModel';

type Group = 'database' | 'doctor' | 'runs' | 'gates' | 'artifacts' | 'agents' | 'dispatches' | 'events';
type Names = Extract<OperationName, `${Group}.${string}`>;

const IN_VIEW = { not: 'the views show it' };
const ONE_FILE = { not: 'the file is read anew by every call' };
const START_ARGUMENTS = {
  kind: '--type',
  prompt: { not: 'a shell has files and pipes: --prompt-file' },
  runId: '--scope-id',
  timeLimitMinutes: '--timeout',
} as const;

export const RUN_SURFACES: { readonly [N in Names]: Surface } = {
  'database.initialize': {
    effect: 'change',
    about: 'Makes the record of a folder, or brings an older one up to date. Harmless where it is there.',
    command: 'intercore.database.initialize',
    ic: 'init',
  },
  'database.reload': {
    effect: 'read',
    about: 'Reads the record of a folder again and tells how it stands.',
    command: 'intercore.database.reload',
    ic: ONE_FILE,
  },
  'database.remove': {
    effect: 'destroy',
    about: 'Deletes the record of a folder with its backups.',
    command: 'intercore.database.remove',
    ic: { not: 'a shell removes .clavain itself' },
    mcp: { not: 'a record is removed by a person alone' },
  },
  'doctor.run': {
    effect: 'read',
    about:
      'Looks whether all that Intercore needs is there and well: git, agents, sign-ins, records, disk, worktrees. Says of each what is wrong and what to do.',
    command: 'intercore.doctor.run',
    ic: 'doctor',
  },
  'runs.create': {
    effect: 'change',
    about: 'Creates a run with a goal. It starts in the first phase of its chain, which phases replaces.',
    command: 'intercore.run.create',
    ic: 'run create',
    icArguments: { autoAdvance: { not: 'ic run set --auto-advance does it afterwards' } },
    core: true,
  },
  'runs.list': {
    effect: 'read',
    about: 'Lists the runs of a folder, newest first, with phase, status and goal.',
    command: IN_VIEW,
    ic: 'run list',
    icArguments: { status: '--active' },
    core: true,
  },
  'runs.current': {
    effect: 'read',
    about: 'The run that work in the folder belongs to now: the newest active one, or null.',
    command: IN_VIEW,
    ic: 'run current',
    core: true,
  },
  'runs.get': {
    effect: 'read',
    about: 'One run: goal, phase, phase chain, status and budget.',
    command: 'intercore.run.show',
    ic: 'run status',
    core: true,
  },
  'runs.advance': {
    effect: 'change',
    about:
      'Takes a run to its next phase if the gate lets it. A blocked gate is an outcome with the conditions that failed, not an error.',
    command: 'intercore.run.advance',
    ic: 'run advance',
    core: true,
  },
  'runs.skip': {
    effect: 'change',
    about: 'Marks a phase that is still to come as not needed. The reason is kept.',
    command: 'intercore.run.skip',
    ic: 'run skip',
  },
  'runs.planRollback': {
    effect: 'read',
    about: 'Tells which phases a rollback would undo. Nothing changes.',
    command: { not: 'intercore.run.rollback shows it before it asks' },
    ic: 'run rollback',
  },
  'runs.rollback': {
    effect: 'destroy',
    about: 'Takes a run back to an earlier phase and ends its agents. History stays.',
    command: 'intercore.run.rollback',
    ic: 'run rollback',
  },
  'runs.cancel': {
    effect: 'destroy',
    about: 'Ends a run for good, with its agents.',
    command: 'intercore.run.cancel',
    ic: 'run cancel',
  },
  'runs.set': {
    effect: 'change',
    about: 'Changes the goal, complexity, budget, limits or flags of a run. What is left out stays.',
    command: 'intercore.run.setGoal',
    ic: 'run set',
    icArguments: {
      goal: { not: 'the original has no way to change it' },
      tokenBudget: { not: 'it is given to ic run create' },
      budgetWarnPct: { not: 'it is given to ic run create' },
    },
  },
  'runs.events': {
    effect: 'read',
    about: 'Every step a run has made, oldest first, with the evidence of its gates.',
    command: 'intercore.run.showEvents',
    ic: 'run events',
  },
  'runs.budget': {
    effect: 'read',
    about: 'What a run has used of its token budget; null for a run without one.',
    command: IN_VIEW,
    ic: 'run budget',
  },
  'gates.check': {
    effect: 'read',
    about: 'Judges the gate before the next phase of a run and gives each condition with what it saw. Nothing changes.',
    command: 'intercore.gate.check',
    ic: 'gate check',
    core: true,
  },
  'gates.override': {
    effect: 'change',
    about: 'Takes a run through a gate that is red. The reason and who gave it are kept as evidence.',
    command: 'intercore.gate.override',
    ic: 'gate override',
  },
  'gates.askOverride': {
    effect: 'change',
    about: 'Asks a person to override the gate of a run, with the reason. It stays asked until the run moves.',
    command: { not: 'a person overrides; agents and scripts ask' },
    ic: 'gate ask',
  },
  'gates.rules': {
    effect: 'read',
    about: 'What gates ask for on each step of the standard chain.',
    command: 'intercore.gate.rules',
    ic: 'gate rules',
    icArguments: { fromPhase: '--phase' },
  },
  'artifacts.list': {
    effect: 'read',
    about: 'Files that a run has made, phase by phase.',
    command: IN_VIEW,
    ic: 'run artifact list',
    core: true,
  },
  'artifacts.add': {
    effect: 'change',
    about: 'Records files inside the folder as artifacts of a run, in its current phase unless one is named.',
    command: 'intercore.artifact.add',
    ic: 'run artifact add',
    icArguments: { paths: '--path' },
    core: true,
  },
  'agents.list': {
    effect: 'read',
    about: 'The agents registered with a run.',
    command: IN_VIEW,
    ic: 'run agent list',
  },
  'agents.add': {
    effect: 'change',
    about: 'Registers an agent with a run. It starts no process: dispatches.start does.',
    command: 'intercore.agent.add',
    ic: 'run agent add',
    icArguments: { agentType: '--type' },
  },
  'agents.update': {
    effect: 'change',
    about: 'Says how a registered agent has fared. Gates wait for active ones.',
    command: 'intercore.agent.update',
    ic: 'run agent update',
  },
  'dispatches.list': {
    effect: 'read',
    about: 'Agent processes of a folder or a run, newest first, with status, tokens and verdict.',
    command: IN_VIEW,
    ic: 'dispatch list',
    icArguments: { runId: '--scope', status: { not: '--active, or a filter of the shell' } },
    core: true,
  },
  'dispatches.get': {
    effect: 'read',
    about: 'One agent process: status, tokens, verdict, exit code and files.',
    command: 'intercore.dispatch.reveal',
    ic: 'dispatch status',
    core: true,
  },
  'dispatches.start': {
    effect: 'change',
    about: 'Starts an agent process with a prompt, for a run or alone. It goes on when whoever started it ends.',
    command: 'intercore.dispatch.start',
    ic: 'dispatch spawn',
    icArguments: START_ARGUMENTS,
    core: true,
  },
  'dispatches.queue': {
    effect: 'change',
    about: 'As dispatches_start, for a start that a limit refuses: it starts by itself once the limits let it.',
    command: 'intercore.dispatch.start',
    ic: 'dispatch spawn',
    icArguments: START_ARGUMENTS,
  },
  'dispatches.queued': {
    effect: 'read',
    about: 'Dispatches that wait for a limit, first in line first.',
    command: IN_VIEW,
    ic: 'dispatch queue list',
  },
  'dispatches.startQueued': {
    effect: 'change',
    about: 'Starts a queued dispatch out of its turn. Limits hold all the same.',
    command: 'intercore.dispatch.startNow',
    ic: 'dispatch queue start',
  },
  'dispatches.unqueue': {
    effect: 'destroy',
    about: 'Takes a dispatch that waits out of the queue.',
    command: 'intercore.dispatch.unqueue',
    ic: 'dispatch queue remove',
  },
  'dispatches.kill': {
    effect: 'destroy',
    about: 'Ends an agent process and all that it started. Its log stays.',
    command: 'intercore.dispatch.kill',
    ic: 'dispatch kill',
    icArguments: { reason: { not: 'the original keeps none' } },
  },
  'dispatches.wait': {
    effect: 'read',
    about: 'Answers when an agent process has ended, however long that takes.',
    command: IN_VIEW,
    ic: 'dispatch wait',
  },
  'dispatches.logFile': {
    effect: 'read',
    about: 'Where the output of an agent process is kept, or null.',
    command: 'intercore.dispatch.showLog',
    ic: 'dispatch status',
  },
  'dispatches.log': {
    effect: 'read',
    about: 'Lines of what an agent printed, as people read it, from a line number on. nextLine is where to read on.',
    command: 'intercore.dispatch.showLog',
    ic: { not: 'a shell reads the file itself: ic dispatch status tells where it is' },
  },
  'events.list': {
    effect: 'read',
    about: 'All that happened in a folder or to a run, in order. since continues after positions seen before.',
    command: 'intercore.run.showEvents',
    ic: 'events tail',
    icArguments: { since: '--since-phase' },
  },
  'events.writes': {
    effect: 'read',
    about: 'Who changed the record, by which operation and when, newest first.',
    command: { not: 'the events of a run name who it was' },
    ic: 'events writes',
  },
};
