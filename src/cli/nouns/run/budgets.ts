/** `ic budget show|set`: tokens and cost of runs, portfolios and dispatches. `ic run budget` stays the original's. */
import { amountText } from '../../../kernel/budget/amounts';
import { dispatchBudgetState, type DispatchBudgetState } from '../../../kernel/budget/reservation/dispatchBudgetState';
import { setRunBudget } from '../../../kernel/budget/reservation/limits';
import { MEASURES, type BudgetState, type Gauge, type Measure } from '../../../kernel/budget/model';
import { budgetState } from '../../../kernel/budget/budgetState';
import { KernelError } from '../../../kernel/errors/errors';
import type { Reader } from '../../../kernel/unit';
import { UsageError } from '../../grammar/argv';
import type { CliCommand, CliContext } from '../../command';
import { EXIT } from '../../command';
import { withDispatcher } from '../../dispatching/dispatcher';
import type { JsonValue } from '../../output/output';
import { integerOf, microsIn, textOf } from '../../grammar/values';

type AnyBudgetState = BudgetState | DispatchBudgetState;

const OWNER_FLAGS = [
  { name: 'run', value: 'RUN', doc: 'Whose budget (INTERCORE_RUN_ID)' },
  { name: 'portfolio', value: 'PORTFOLIO', doc: 'Whose budget' },
  { name: 'dispatch', value: 'DISPATCH', doc: 'Whose budget' },
] as const;

const show: CliCommand = {
  words: ['budget', 'show'],
  summary: 'What a run, a portfolio or a dispatch has used and reserved of its tokens and cost.',
  strict: true,
  flags: OWNER_FLAGS,
  json: true,
  exits: { 1: 'no such run, portfolio or dispatch' },
  async run(context) {
    const owner = ownerOf(context);
    const session = await context.session();
    const state = session.read((reader) => stateOf(reader, owner));
    if (context.flags.json) context.out.map(budgetStateMap(state));
    else print(context, owner, state);
    return EXIT.ok;
  },
};

const set: CliCommand = {
  words: ['budget', 'set'],
  summary: 'Set what a run, a portfolio or a running dispatch may use. none takes a budget away.',
  strict: true,
  flags: [
    ...OWNER_FLAGS,
    { name: 'tokens', value: 'N|none', doc: 'Tokens' },
    { name: 'cost-usd', value: 'USD|none', doc: 'US dollars' },
    { name: 'warn-pct', value: '1-99', doc: 'When to warn; not for a dispatch' },
  ],
  exits: { 1: 'no such run, portfolio or dispatch, it has ended, or the budget above has no room' },
  examples: ['ic budget set --run=RUN --tokens=200000 --cost-usd=2.50'],
  async run(context) {
    const { args } = context;
    const owner = ownerOf(context);
    const tokens = isNone(context, 'tokens')
      ? null
      : integerOf(args, 'tokens', { min: 1, wanted: 'positive integer or none' });
    const cost = isNone(context, 'cost-usd') ? null : microsIn(args, 'cost-usd');
    const warnPct = integerOf(args, 'warn-pct', { min: 1, max: 99, wanted: '1-99' });
    const changes = { ...(tokens === undefined ? {} : { tokens }), ...(cost === undefined ? {} : { cost }) };
    const session = await context.session();
    if (owner.what === 'dispatch') {
      await withDispatcher(context, (dispatcher) => dispatcher.setBudget(session.kernel, owner.id, changes));
    } else {
      const input = { ...changes, ...(warnPct === undefined ? {} : { warnPct }) };
      await session.write((unit) => setRunBudget(unit, owner.id, input));
    }
    return EXIT.ok;
  },
};

interface Owner {
  readonly what: 'run' | 'portfolio' | 'dispatch';
  readonly id: string;
}

/** @throws UsageError unless one is named; the run of the environment counts where none is */
function ownerOf({ args, env }: Pick<CliContext, 'args' | 'env'>): Owner {
  const named = OWNER_FLAGS.flatMap(({ name: what }) => {
    const id = textOf(args, what);
    return id === undefined ? [] : [{ what, id }];
  });
  const [owner, other] = named;
  if (other !== undefined) throw new UsageError('give one of --run, --portfolio and --dispatch');
  if (owner !== undefined) return owner;
  const run = env['INTERCORE_RUN_ID'] ?? '';
  if (run === '') throw new UsageError('--run, --portfolio or --dispatch is required');
  return { what: 'run', id: run };
}

function isNone({ args }: Pick<CliContext, 'args'>, name: string): boolean {
  return textOf(args, name) === 'none';
}

/** @throws KernelError `NOT_FOUND` */
function stateOf(reader: Reader, { what, id }: Owner): AnyBudgetState {
  const state = what === 'dispatch' ? dispatchBudgetState(reader, id) : budgetState(reader, id);
  if (state === undefined) throw new KernelError('NOT_FOUND', { what, id });
  return state;
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
  const basis = `${forecast.remaining} subtasks to go, median of ${forecast.samples} merged`;
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
