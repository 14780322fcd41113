/**
 * What only a person may do with `ic`. A command that is made from an operation has the rule of its declaration; the
 * other commands have theirs here. `test/contract/operations/decisions.test.ts` compares them with the operations, and
 * lists every other command as one that agents may run.
 */
import { KernelError } from '../kernel/errors/errors';
import type { ParsedArgs } from './grammar/argv';
import type { CliCommand, CliContext, CliDecision, OwnedId } from './command/command';

const CLI_DECISIONS: Readonly<Record<string, CliDecision>> = {
  'agent allow': 'person',
  'agent pause': 'person',
  'agent resume': 'person',
  'agent revoke': 'person',
  'dispatch kill': { owner: 'dispatchId' },
  'dispatch prune': 'person',
  'dispatch tokens': { owner: 'dispatchId' },
  'gate override': 'person',
  'hooks allow': 'person',
  'hooks revoke': 'person',
  lead: 'person',
  'portfolio dep remove': 'person',
  // If an agent gives no priority, its gates are hard: see `runFlow.ts`.
  'run advance': { personGives: ['disable-gates', 'priority', 'skip-reason'] },
  'run cancel': { owner: 'runId' },
  'run rollback': { owner: 'runId', unless: ['dry-run', 'layer'] },
  'run set': { personGives: ['auto-advance', 'max-dispatches'] },
  'run skip': 'person',
  'trust add': 'person',
  'trust remove': 'person',
};

/** What only a person may do with this command; undefined if agents may run it. */
export function decisionOn({ words, decision }: CliCommand): CliDecision | undefined {
  return decision ?? CLI_DECISIONS[words.join(' ')];
}

/** Names of all decisions that are written here. */
export const DECIDED_BY_HAND: readonly string[] = Object.keys(CLI_DECISIONS);

/**
 * Refuses commands of an agent that only a person may run.
 * @throws KernelError `PERSON_DECIDES`; as opening the record
 */
export async function refuseUndecided(command: CliCommand, context: CliContext): Promise<void> {
  const { name, args, env } = context;
  const decision = decisionOn(command);
  if (decision === undefined || !concerns(decision, args)) return;
  const { dispatchAround } = await import('../host/process/dispatchAround.js');
  const agent = dispatchAround(env);
  if (agent === undefined) return;
  if (typeof decision === 'object' && 'owner' in decision && (await owns(context, agent, decision.owner))) return;
  throw new KernelError('PERSON_DECIDES', { operation: `ic ${name}` });
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
