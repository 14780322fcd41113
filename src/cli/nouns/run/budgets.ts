/** `ic budget show|set`: tokens and cost of runs, portfolios and dispatches. `ic run budget` stays the original's. */
import { counted } from '../../../kernel/errors/reasons/fill';
import { BUDGET_OPERATIONS } from '../../../contract/operations/budgets';
import { amountText, usdOf } from '../../../kernel/budget/amounts';
import { MEASURES, type BudgetState, type Gauge, type Measure } from '../../../kernel/budget/model';
import type { DispatchBudgetState } from '../../../kernel/budget/reservation/dispatchBudgetState';
import type { CliCommand, CliContext } from '../../command/command';
import { withDispatcher } from '../../dispatching/dispatcher';
import { UsageError } from '../../grammar/argv';
import { integerOf, microsIn, textOf } from '../../grammar/values';
import { operationCommands } from '../../operations/operationCommand';
import type { JsonValue } from '../../output/output';

type AnyBudgetState = BudgetState | DispatchBudgetState;

const OWNER_FLAGS = [
  { name: 'run', value: 'RUN', doc: 'The run (INTERCORE_RUN_ID)' },
  { name: 'portfolio', value: 'PORTFOLIO', doc: 'The portfolio' },
  { name: 'dispatch', value: 'DISPATCH', doc: 'The dispatch' },
] as const;

const command = operationCommands<'budgets.get' | 'budgets.set'>({
  declarations: BUDGET_OPERATIONS,
  load: async () => (await import('../../../services/operations/run/budgets.js')).budgetOperations,
});

const show = command('budgets.get', {
  summary: 'Show the tokens and cost that a run, portfolio or dispatch has used and reserved.',
  form: { flags: OWNER_FLAGS, read: (context) => Promise.resolve(idOf(ownerOf(context))) },
  exits: { 1: 'no such run, portfolio or dispatch' },
  text: (state, context) => print(context, ownerOf(context), state),
  json: budgetStateMap,
});

const set = command('budgets.set', {
  summary: 'Set the budget of a run, portfolio or running dispatch. none removes it.',
  form: {
    flags: [
      ...OWNER_FLAGS,
      { name: 'tokens', value: 'N|none', doc: 'Tokens' },
      { name: 'cost-usd', value: 'USD|none', doc: 'US dollars' },
      { name: 'warn-pct', value: '1-99', doc: 'Percentage at which to warn; not for a dispatch' },
    ],
    read(context) {
      const { args } = context;
      const owner = idOf(ownerOf(context));
      const tokens = isNone(context, 'tokens')
        ? null
        : integerOf(args, 'tokens', { min: 1, wanted: 'positive integer or none' });
      const micros = isNone(context, 'cost-usd') ? null : microsIn(args, 'cost-usd');
      const warnPct = integerOf(args, 'warn-pct', { min: 1, max: 99, wanted: '1-99' });
      return Promise.resolve({ ...owner, tokens, costUsd: micros && usdOf(micros), warnPct });
    },
  },
  exits: { 1: 'no such run, portfolio or dispatch, it has ended, or it exceeds the budget above it' },
  examples: ['ic budget set --run=RUN --tokens=200000 --cost-usd=2.50'],
  around: async (context, work) =>
    ownerOf(context).what === 'dispatch'
      ? await withDispatcher(context, (dispatcher) => work({ dispatcher }))
      : await work({}),
  text: () => undefined,
});

/** A portfolio is a run of this record. */
function idOf({ what, id }: Owner): Readonly<Record<string, string>> {
  return what === 'dispatch' ? { dispatchId: id } : { runId: id };
}

interface Owner {
  readonly what: 'run' | 'portfolio' | 'dispatch';
  readonly id: string;
}

/** The named one, else the run of the environment. @throws UsageError unless there is exactly one */
function ownerOf({ args, env }: Pick<CliContext, 'args' | 'env'>): Owner {
  const named = OWNER_FLAGS.flatMap(({ name: what }) => {
    const id = textOf(args, what);
    return id === undefined ? [] : [{ what, id }];
  });
  const [owner, other] = named;
  if (other !== undefined) throw new UsageError('--run, --portfolio and --dispatch are mutually exclusive');
  if (owner !== undefined) return owner;
  const run = env['INTERCORE_RUN_ID'] ?? '';
  if (run === '') throw new UsageError('--run, --portfolio or --dispatch is required');
  return { what: 'run', id: run };
}

function isNone({ args }: Pick<CliContext, 'args'>, name: string): boolean {
  return textOf(args, name) === 'none';
}

function budgetStateMap(state: AnyBudgetState): JsonValue {
  const gauge = ({ limit, used, reserved, estimated, unknown, level }: Gauge): JsonValue => {
    return { limit, used, reserved, estimated, unknown, level };
  };
  const forecast = 'forecast' in state ? state.forecast : undefined;
  return {
    level: state.level,
    tokens: gauge(state.tokens),
    cost_micros: gauge(state.cost),
    ...('stoppedBy' in state && state.stoppedBy !== null ? { stopped_by: state.stoppedBy } : {}),
    ...(forecast === undefined
      ? {}
      : {
          forecast: {
            remaining: forecast.remaining,
            samples: forecast.samples,
            tokens: forecast.tokens,
            cost_micros: forecast.cost,
          },
        }),
  };
}

function print({ out }: Pick<CliContext, 'out'>, { what, id }: Owner, state: AnyBudgetState): void {
  out.line(`${what} ${id}: ${state.level}`);
  for (const measure of MEASURES) out.line(`  ${`${measure}:`.padEnd(10)}${gaugeText(measure, state[measure])}`);
  const forecast = 'forecast' in state ? state.forecast : undefined;
  if (forecast === undefined) return;
  const cost = forecast.cost === null ? '' : `, ${amountText('cost', forecast.cost)}`;
  const basis = `${counted(forecast.remaining, 'subtasks')} left, median of ${forecast.samples} merged`;
  out.line(`  ${'to finish:'.padEnd(10)} about ${amountText('tokens', forecast.tokens)}${cost} (${basis})`);
}

function gaugeText(measure: Measure, { limit, used, reserved, estimated, unknown }: Gauge): string {
  const words = (amount: number): string => amountText(measure, amount);
  return [
    limit === null ? `${words(used)} used, no limit` : `${words(used)} used of ${words(limit)}`,
    ...(reserved === 0 ? [] : [`${words(reserved)} reserved`]),
    ...(estimated === 0 ? [] : [`${words(estimated)} of it estimated`]),
    ...(unknown === 0 ? [] : [`usage of ${unknown} ${unknown === 1 ? 'dispatch' : 'dispatches'} unknown`]),
  ].join(', ');
}

export const BUDGET_COMMANDS: readonly CliCommand[] = [show, set];
