/**
 * `ic run create|current|list|status|phase|set|events`: creating, reading and changing runs
 * (`docs/design/formats.md#runs`).
 */
import path from 'node:path';
import { parseChain } from '../../../kernel/run/record/chain';
import type { CreateRunInput, Run, SetRunInput } from '../../../kernel/run/record/model';
import { currentRun, findRun, getRun, phaseEventIds, phaseEventsAmong } from '../../../kernel/run/record/queries';
import { RUN_LIST } from '../../../kernel/run/record/longList';
import { defined } from '../../../kernel/defined';
import { UsageError } from '../../grammar/argv';
import type { CliCommand, CliContext } from '../../command/command';
import { LEFT_OUT } from '../../output/leftOut';
import { printList } from '../../command/longList';
import { EXIT } from '../../command/command';
import { present } from '../../output/output';
import { runMap } from '../../output/runMap';
import { booleanOf, integerOf, positional, textOf } from '../../grammar/values';

const SCOPE_FLAG = { name: 'scope', value: 'SCOPE', doc: 'Only runs of this scope', mayBeEmpty: true };

const create: CliCommand = {
  words: ['run', 'create'],
  summary: 'Create a run, or a portfolio with a child run for each of --projects.',
  strict: true,
  json: true,
  flags: [
    { name: 'goal', value: 'TEXT', doc: 'The goal', isRequired: true },
    { name: 'project', value: 'DIR', doc: 'Project of the run (the current directory)' },
    { name: 'projects', value: 'DIR,DIR', doc: 'Projects of a portfolio, at least two' },
    { name: 'phases', value: 'JSON', doc: 'Its own phase chain, such as ["plan","build","done"]' },
    { name: 'complexity', value: '1-5', doc: 'Stored with the run (3)' },
    { name: 'scope-id', value: 'SCOPE', doc: "Scope of the run's dispatches (the run's own id)" },
    { name: 'token-budget', value: 'N', doc: 'Tokens that the run may use' },
    { name: 'budget-warn-pct', value: '1-99', doc: 'Percentage at which to warn (80)' },
    { name: 'max-dispatches', value: 'N', doc: 'Maximum number of active dispatches of all children of a portfolio' },
  ],
  exits: { 2: 'the database cannot be used', 3: 'a value is missing or invalid' },
  examples: ['ic run create --goal="Add login"', 'ic run create --projects=api,web --goal="Add login"'],
  async run(context) {
    const input = createInput(context);
    const projects = textOf(context.args, 'projects');
    const project = textOf(context.args, 'project');
    if (projects !== undefined && project !== undefined) {
      throw new UsageError('--project and --projects are mutually exclusive');
    }
    return projects === undefined
      ? createSingle(context, { ...input.common, projectDir: project ?? context.cwd })
      : createParent(context, input, projects);
  },
};

interface ReadInput {
  readonly common: Omit<CreateRunInput, 'projectDir'>;
  readonly maxDispatches: number | undefined;
}

function createInput({ args }: CliContext): ReadInput {
  const goal = textOf(args, 'goal');
  if (goal === undefined) throw new UsageError('--goal is required');
  const complexity = integerOf(args, 'complexity', { min: 1, max: 5, wanted: '1-5' });
  const tokenBudget = integerOf(args, 'token-budget', { min: 1, wanted: 'positive integer' });
  const budgetWarnPct = integerOf(args, 'budget-warn-pct', { min: 1, max: 99, wanted: '1-99' });
  const maxDispatches = integerOf(args, 'max-dispatches', { min: 0, wanted: 'non-negative integer' });
  const scopeId = textOf(args, 'scope-id');
  const phases = textOf(args, 'phases');
  return {
    maxDispatches,
    common: {
      goal,
      ...defined({ complexity, tokenBudget, budgetWarnPct, scopeId }),
      ...(phases === undefined ? {} : { phases: [...parseChain(phases)] }),
    },
  };
}

async function createSingle(context: CliContext, input: CreateRunInput): Promise<0> {
  const { createRun } = await import('../../../kernel/run/record/runs.js');
  const session = await context.session();
  const run = await session.write((unit) => createRun(unit, input));
  if (context.flags.json) context.out.map({ id: run.id, phase: run.phase });
  else context.out.line(run.id);
  return EXIT.ok;
}

async function createParent(context: CliContext, input: ReadInput, projects: string): Promise<0> {
  const parts = projects.split(',');
  if (parts.length < 2) throw new UsageError('--projects requires at least 2 comma-separated paths');
  const dirs = parts.map((part) => path.resolve(context.cwd, part.trim()));
  const { sameFolder } = await import('../../../services/portfolio/projects.js');
  const same = await sameFolder(dirs);
  if (same !== undefined) throw new UsageError(`--projects names one folder twice: ${same.other}, ${same.folder}`);
  const { createPortfolio } = await import('../../../kernel/portfolio/service.js');
  const session = await context.session();
  const { portfolio, children } = await session.write((unit) =>
    createPortfolio(unit, {
      ...input.common,
      projects: dirs,
      ...defined({ maxDispatches: input.maxDispatches }),
    }),
  );
  if (context.flags.json) context.out.map({ id: portfolio.id, children: children.map((child) => child.id) });
  else {
    context.out.line(portfolio.id);
    for (const child of children) context.out.line(`  child: ${child.id}`);
  }
  return EXIT.ok;
}

const current: CliCommand = {
  words: ['run', 'current'],
  summary: 'Print the newest active run of a project.',
  strict: true,
  json: true,
  flags: [{ name: 'project', value: 'DIR', doc: 'Project (the current directory)' }],
  exits: { 1: 'no run is active' },
  async run(context) {
    const session = await context.session();
    const run = session.read((reader) => currentRun(reader, textOf(context.args, 'project') ?? context.cwd));
    if (context.flags.json) {
      context.out.map(
        run === undefined ? { found: false } : { found: true, goal: run.goal, id: run.id, phase: run.phase },
      );
    } else if (run !== undefined) context.out.line(run.id);
    return run === undefined ? EXIT.negative : EXIT.ok;
  },
};

const list: CliCommand = {
  words: ['run', 'list'],
  summary: 'List runs, newest first.',
  json: true,
  exits: LEFT_OUT,
  flags: [{ name: 'active', doc: 'Only active runs' }, { name: 'portfolio', doc: 'Only portfolios' }, SCOPE_FLAG],
  async run(context) {
    const { args } = context;
    const scopeId = args.switches.has('active') ? undefined : textOf(args, 'scope');
    return await printList(context, {
      keys: (reader) =>
        RUN_LIST.keys(reader, {
          ...(args.switches.has('active') ? { status: 'active' as const } : {}),
          ...(args.switches.has('portfolio') ? { portfolio: true } : {}),
          ...defined({ scopeId }),
        }),
      read: (reader, keys) => RUN_LIST.at(reader, keys).sound,
      json: runMap,
      fields: ({ id, status, phase, goal }) => [id, status, phase, goal],
    });
  },
};

const status: CliCommand = {
  words: ['run', 'status'],
  summary: 'Show a run with all its details.',
  operands: '<run>',
  json: true,
  exits: { 1: 'no such run' },
  async run(context) {
    const { childrenOf } = await import('../../../kernel/portfolio/service.js');
    const session = await context.session();
    const { run, children } = session.read((reader) => {
      const found = getRun(reader, context.runId());
      return { run: found, children: childrenOf(reader, found.id) };
    });
    if (context.flags.json) {
      context.out.map({ ...runMap(run), ...(children.length === 0 ? {} : { children: children.map(runMap) }) });
    } else for (const line of statusLines(run, children)) context.out.line(line);
    return EXIT.ok;
  },
};

function statusLines(run: Run, children: readonly Run[]): string[] {
  const budget = run.tokenBudget === null ? undefined : `${run.tokenBudget} tokens (warn at ${run.budgetWarnPct}%)`;
  const rows: readonly (readonly [string, string | number | null | undefined])[] = [
    ['ID', run.id],
    ['Status', run.status],
    ['Phase', run.phase],
    ['Goal', run.goal],
    ['Project', run.projectDir],
    ['Complexity', run.complexity],
    ['ForceFull', run.forceFull ? 'true' : undefined],
    ['AutoAdv', run.autoAdvance ? undefined : 'false'],
    ['Scope', run.scopeId],
    ['Budget', budget],
    ['Parent', run.parentRunId],
    ['MaxDisp', run.maxDispatches > 0 ? run.maxDispatches : undefined],
  ];
  const lines = rows
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${`${name}:`.padEnd(12)}${value ?? ''}`);
  if (children.length > 0) {
    lines.push('', `Children: (${children.length})`);
    for (const child of children) {
      lines.push(`  ${[child.id, child.status, child.phase, child.projectDir, child.goal].join('\t')}`);
    }
  }
  return lines;
}

const phase: CliCommand = {
  words: ['run', 'phase'],
  summary: 'Print the current phase of a run.',
  operands: '<run>',
  json: true,
  exits: { 1: 'no such run' },
  async run(context) {
    const session = await context.session();
    const run = session.read((reader) => getRun(reader, context.runId()));
    if (context.flags.json) context.out.map({ id: run.id, phase: run.phase });
    else context.out.line(run.phase);
    return EXIT.ok;
  },
};

const set: CliCommand = {
  words: ['run', 'set'],
  summary: 'Change the settings of a run.',
  operands: '<run>',
  strict: true,
  flags: [
    { name: 'complexity', value: '1-5', doc: 'Stored with the run' },
    { name: 'auto-advance', value: 'BOOL', doc: 'false pauses the run before every advance' },
    { name: 'force-full', value: 'BOOL', doc: 'Stored with the run' },
    { name: 'max-dispatches', value: 'N', doc: 'Portfolios only' },
  ],
  exits: { 1: 'no such run' },
  async run(context) {
    const { args } = context;
    const id = positional(args, 0, context.usage);
    const changes: SetRunInput = Object.fromEntries(
      Object.entries({
        complexity: integerOf(args, 'complexity', { min: 1, max: 5, wanted: '1-5' }),
        autoAdvance: booleanOf(args, 'auto-advance'),
        forceFull: booleanOf(args, 'force-full'),
        maxDispatches: integerOf(args, 'max-dispatches', { min: 0, wanted: 'non-negative integer' }),
      }).filter(([, value]) => value !== undefined),
    );
    if (Object.keys(changes).length === 0) throw new UsageError(`nothing to set; usage: ${context.usage}`);
    const { setRun } = await import('../../../kernel/run/record/runs.js');
    const session = await context.session();
    await session.write((unit) => {
      if (changes.maxDispatches !== undefined && getRun(unit, id).projectDir !== '') {
        throw new UsageError('--max-dispatches is only valid for portfolio runs');
      }
      return setRun(unit, id, changes);
    });
    context.out.line('updated');
    return EXIT.ok;
  },
};

const events: CliCommand = {
  words: ['run', 'events'],
  summary: 'List the phase events of a run, oldest first.',
  operands: '<run>',
  json: true,
  async run(context) {
    await context.session();
    const id = context.runId();
    return await printList(context, {
      keys: (reader) => {
        const run = findRun(reader, id);
        return run === undefined ? [] : phaseEventIds(reader, run.id);
      },
      read: phaseEventsAmong,
      json: (row) => ({
        id: row.id,
        run_id: row.runId,
        from_phase: row.fromPhase,
        to_phase: row.toPhase,
        event_type: row.type,
        created_at: row.createdAt,
        ...present({ gate_result: row.gateResult, gate_tier: row.gateTier, reason: row.reason }),
      }),
      fields: (row) => [`${row.fromPhase} → ${row.toPhase}`, row.type, row.gateResult, row.reason],
    });
  },
};

export const RUN_COMMANDS: readonly CliCommand[] = [create, status, phase, list, events, set, current];
