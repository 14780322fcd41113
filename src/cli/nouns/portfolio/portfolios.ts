/** `ic portfolio dep|order|status`: dependencies between the projects of a portfolio (`docs/design/portfolios.md`). */
import path from 'node:path';
import {
  addDependency,
  listDependencies,
  portfolioStatus,
  projectsIn,
  removeDependency,
  topologicalOrder,
} from '../../../kernel/portfolio/service';
import type { DependencyEdge } from '../../../kernel/portfolio/model';
import { KernelError } from '../../../kernel/errors/errors';
import { edgeBetween } from '../../../services/portfolio/projects';
import { UsageError } from '../../grammar/argv';
import type { CliCommand, CliContext } from '../../command/command';
import { EXIT } from '../../command/command';
import { struct } from '../../output/output';
import { positional, textOf } from '../../grammar/values';
import { relay } from './relay';

const EDGE_FLAGS = [
  { name: 'upstream', value: 'DIR', doc: 'The project that goes first', isRequired: true },
  { name: 'downstream', value: 'DIR', doc: 'The project that depends on it', isRequired: true },
];

function edgeOf({ args }: CliContext): DependencyEdge {
  const upstream = textOf(args, 'upstream');
  const downstream = textOf(args, 'downstream');
  if (upstream === undefined || downstream === undefined) {
    throw new UsageError('--upstream and --downstream are required');
  }
  return { upstream, downstream };
}

function absolute({ cwd }: CliContext, { upstream, downstream }: DependencyEdge): DependencyEdge {
  return { upstream: path.resolve(cwd, upstream), downstream: path.resolve(cwd, downstream) };
}

const depAdd: CliCommand = {
  words: ['portfolio', 'dep', 'add'],
  summary: 'Make one project of a portfolio depend on another.',
  operands: '<portfolio>',
  flags: EDGE_FLAGS,
  exits: { 2: 'the dependency is circular or exists already, or no such portfolio' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const session = await context.session();
    const children = session.read((reader) => projectsIn(reader, id));
    const edge = await edgeBetween(children, absolute(context, edgeOf(context)));
    try {
      await session.write((unit) => addDependency(unit, id, edge));
    } catch (error) {
      return refused(context, 'add dep', error);
    }
    context.out.line('added');
    return EXIT.ok;
  },
};

/** Every refusal of a dependency exits with 2, as in the original. */
function refused(context: CliContext, what: string, error: unknown): 2 {
  if (!(error instanceof KernelError)) throw error;
  context.out.message(`${context.name}: ${what}: ${error.message}`);
  context.out.note(`  ${error.hint}`);
  return EXIT.failure;
}

const depList: CliCommand = {
  words: ['portfolio', 'dep', 'list'],
  summary: 'List the dependencies of a portfolio.',
  operands: '<portfolio>',
  json: true,
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const session = await context.session();
    const edges = session.read((reader) => listDependencies(reader, id));
    if (context.flags.json) {
      context.out.map(
        edges.map((edge) => ({ created_at: edge.createdAt, downstream: edge.downstream, upstream: edge.upstream })),
      );
    } else for (const edge of edges) context.out.line(`${edge.upstream} → ${edge.downstream}`);
    return EXIT.ok;
  },
};

const depRemove: CliCommand = {
  words: ['portfolio', 'dep', 'remove'],
  summary: 'Remove a dependency.',
  operands: '<portfolio>',
  flags: EDGE_FLAGS,
  exits: { 2: 'no such dependency' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const given = edgeOf(context);
    const session = await context.session();
    const edges = session.read((reader) => listDependencies(reader, id));
    const isVerbatim = edges.some(
      (known) => known.upstream === given.upstream && known.downstream === given.downstream,
    );
    const projects = edges.flatMap(({ upstream, downstream }) => [upstream, downstream]);
    const edge = isVerbatim ? given : await edgeBetween(projects, absolute(context, given));
    try {
      await session.write((unit) => {
        removeDependency(unit, id, edge);
      });
    } catch (error) {
      return refused(context, 'remove dep', error);
    }
    context.out.line('removed');
    return EXIT.ok;
  },
};

const order: CliCommand = {
  words: ['portfolio', 'order'],
  summary: 'List the projects of a portfolio, upstream first.',
  operands: '<portfolio>',
  json: true,
  exits: { 2: 'the dependencies are circular' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const session = await context.session();
    const projects = session.read((reader) => topologicalOrder(reader, id));
    if (context.flags.json) context.out.json(projects.length === 0 ? null : projects);
    else
      projects.forEach((project, i) => {
        context.out.row(i + 1, project);
      });
    return EXIT.ok;
  },
};

const status: CliCommand = {
  words: ['portfolio', 'status'],
  summary: 'Show the phase and status of the children of a portfolio, and what blocks them.',
  operands: '<portfolio>',
  json: true,
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const session = await context.session();
    const rows = session
      .read((reader) => portfolioStatus(reader, id))
      .map((child) => ({
        ...child,
        blockers: child.blockedBy.map((upstream) => `${upstream.projectDir} (at ${upstream.phase})`),
      }));
    if (context.flags.json) {
      const list = rows.map((row) =>
        struct({
          project: row.projectDir,
          phase: row.phase,
          status: row.status,
          ready: row.ready,
          ...(row.blockers.length === 0 ? {} : { blocked_by: row.blockers }),
        }),
      );
      context.out.map(list.length === 0 ? null : list);
      return EXIT.ok;
    }
    const columns = (cells: readonly [string, string, string, string, string]): string =>
      [cells[0].padEnd(40), cells[1].padEnd(20), cells[2].padEnd(12), cells[3].padEnd(6), cells[4]].join(' ');
    context.out.line(columns(['PROJECT', 'PHASE', 'STATUS', 'READY', 'BLOCKED BY']));
    for (const row of rows) {
      context.out.line(
        columns([row.projectDir, row.phase, row.status, row.ready ? 'yes' : 'no', row.blockers.join(', ')]),
      );
    }
    return EXIT.ok;
  },
};

export const PORTFOLIO_COMMANDS: readonly CliCommand[] = [depAdd, depList, depRemove, order, status, relay];
