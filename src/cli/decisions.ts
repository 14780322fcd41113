/**
 * What `ic` lets no agent do on its own. A command that is made from an operation has the rule of its declaration; the
 * others have theirs here. `test/contract/decisions.test.ts` compares them with the operations, and every other command
 * is listed there as one that agents may run.
 */
import { KernelError } from '../kernel/errors/errors';
import type { ParsedArgs } from './grammar/argv';
import type { CliCommand, CliContext, CliDecision, OwnedId } from './command';

const CLI_DECISIONS: Readonly<Record<string, CliDecision>> = {
  'agent allow': 'person',
  'agent pause': 'person',
  'agent resume': 'person',
  'agent revoke': 'person',
  'budget set': 'person',
  'dispatch kill': { owner: 'dispatchId' },
  'dispatch prune': 'person',
  'dispatch queue remove': { owner: 'dispatchId' },
  'dispatch tokens': { owner: 'dispatchId' },
  'gate override': 'person',
  'hooks allow': 'person',
  'hooks revoke': 'person',
  lead: 'person',
  'portfolio dep remove': 'person',
  'project add-from-github': 'person',
  'project base': 'person',
  'project free': 'person',
  'project relocate': 'person',
  'project remove': 'person',
  'project trust': 'person',
  // Where an agent gives no priority, its gates are hard ones: see `runFlow.ts`.
  'run advance': { personGives: ['disable-gates', 'priority', 'skip-reason'] },
  'run cancel': { owner: 'runId' },
  'run rollback': { owner: 'runId', unless: ['dry-run', 'layer'] },
  'run set': { personGives: ['auto-advance', 'max-dispatches'] },
  'run skip': 'person',
  'subtask mark-merged': 'person',
  'subtask merge': 'person',
  'task delete': 'person',
  'trust add': 'person',
  'trust remove': 'person',
  'worktree clean': 'person',
};

/** Command lines written by hand that let a window start agents, with kinds of its own settings. */
const CLI_STARTS: ReadonlySet<string> = new Set(['task create']);

/** What no agent does on its own with this command; undefined where agents may run it. */
export function decisionOn({ words, decision }: CliCommand): CliDecision | undefined {
  return decision ?? CLI_DECISIONS[words.join(' ')];
}

export function startsAgents({ words, starts }: CliCommand): boolean {
  return starts ?? CLI_STARTS.has(words.join(' '));
}

/** Names of all decisions that are written here. */
export const DECIDED_BY_HAND: readonly string[] = [...Object.keys(CLI_DECISIONS), ...CLI_STARTS];

/**
 * Refuses an agent what a person decides.
 * @throws KernelError `PERSON_DECIDES`, `AGENT_WIDER`; as opening the record
 */
export async function refuseUndecided(command: CliCommand, context: CliContext): Promise<void> {
  const { name, args, env } = context;
  const decision = decisionOn(command);
  const starts = startsAgents(command);
  if (!starts && (decision === undefined || !concerns(decision, args))) return;
  const { dispatchAround } = await import('../host/process/dispatchAround.js');
  const agent = dispatchAround(env);
  if (agent === undefined) return;
  if (starts) await refuseNarrow(context, agent);
  else if (typeof decision !== 'object' || !('owner' in decision) || !(await owns(context, agent, decision.owner))) {
    throw new KernelError('PERSON_DECIDES', { operation: `ic ${name}` });
  }
}

function concerns(decision: CliDecision, args: ParsedArgs): boolean {
  const gives = (flags: readonly string[]): boolean =>
    flags.some((flag) => args.values.has(flag) || args.switches.has(flag));
  if (decision === 'person') return true;
  if ('personGives' in decision) return gives(decision.personGives);
  return (decision.when === undefined || gives(decision.when)) && !gives(decision.unless ?? []);
}

async function owns(context: CliContext, agent: string, owned: OwnedId): Promise<boolean> {
  const { isOwn } = await import('../services/consent/decisions.js');
  const id = owned === 'runId' ? context.runId() : context.args.positionals[0];
  const { kernel } = await context.session();
  return kernel.read((r) => isOwn(r, agent, { [owned]: id }));
}

async function refuseNarrow(context: CliContext, agent: string): Promise<void> {
  const [{ isWidest, reachOfDispatch }, { withBuiltIns }, { readAgentKinds }] = await Promise.all([
    import('../services/consent/decisions.js'),
    import('../contract/agentKinds.js'),
    import('../host/state/agentKindsFile.js'),
  ]);
  const kinds = withBuiltIns(await readAgentKinds(context.env));
  const { kernel } = await context.session();
  if (kernel.read((r) => isWidest(reachOfDispatch(r, kinds, agent)))) return;
  throw new KernelError('AGENT_WIDER', { kind: 'planner or worker' });
}
