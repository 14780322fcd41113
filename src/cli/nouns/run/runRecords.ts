/**
 * `ic run agent|artifact|tokens|budget`: agents, artifacts and usage of a run
 * (`docs/design/formats.md#agents-and-artifacts`).
 */
import path from 'node:path';
import { contentHash } from '../../../host/files/contentHash';
import { dispatchAround } from '../../../host/process/dispatchAround';
import { FolderLedger } from '../../../host/files/folderLedger';
import { ledgerFolder } from '../../../host/state/stateFolder';
import { budgetCheck, checkBudget, runTokens } from '../../../kernel/budget/service';
import { AGENT_STATUSES, type Agent, type Artifact } from '../../../kernel/tracking/model';
import { AGENT_LIST, ARTIFACT_LIST } from '../../../kernel/tracking/longLists';
import { addAgent, addArtifact, updateAgent } from '../../../kernel/tracking/service';
import { OwnWork } from '../../../services/dispatch/context/ownWork';
import { defined } from '../../../kernel/defined';
import { UsageError } from '../../grammar/argv';
import type { CliCommand } from '../../command/command';
import { EXIT } from '../../command/command';
import { printList } from '../../command/longList';
import type { JsonValue } from '../../output/output';
import { present } from '../../output/output';
import { positional, textOf } from '../../grammar/values';

const agentAdd: CliCommand = {
  words: ['run', 'agent', 'add'],
  summary: 'Record a running agent of a run.',
  operands: '[<run>]',
  json: true,
  flags: [
    { name: 'type', value: 'TYPE', doc: 'Kind of agent (claude)' },
    { name: 'name', value: 'NAME', doc: 'Name of the agent' },
    { name: 'dispatch-id', value: 'ID', doc: 'Its dispatch' },
  ],
  exits: { 1: 'no such run' },
  async run(context) {
    const runId = context.runId();
    const agentType = textOf(context.args, 'type');
    const name = textOf(context.args, 'name');
    const dispatchId = textOf(context.args, 'dispatch-id');
    const session = await context.session();
    const agent = await session.write((unit) =>
      addAgent(unit, {
        runId,
        ...defined({ agentType, name, dispatchId }),
      }),
    );
    // Agents entered by an agent are not started when a person advances the run.
    if (dispatchAround(context.env) === undefined) {
      new OwnWork(new FolderLedger(ledgerFolder(context.env), 'work')).noteAgent(session.kernel.folder, agent.id);
    }
    if (context.flags.json) context.out.map({ id: agent.id });
    else context.out.line(agent.id);
    return EXIT.ok;
  },
};

function agentMap(agent: Agent): JsonValue {
  return {
    id: agent.id,
    run_id: agent.runId,
    agent_type: agent.agentType,
    status: agent.status,
    created_at: agent.createdAt,
    updated_at: agent.updatedAt,
    ...present({ name: agent.name, dispatch_id: agent.dispatchId }),
  };
}

const agentList: CliCommand = {
  words: ['run', 'agent', 'list'],
  summary: 'List the agents of a run, oldest first.',
  operands: '[<run>]',
  json: true,
  async run(context) {
    const runId = context.runId();
    return await printList(context, {
      keys: (reader) => AGENT_LIST.keys(reader, { runId }),
      read: (reader, keys) => AGENT_LIST.at(reader, keys).sound,
      json: agentMap,
      fields: ({ id, agentType, status, name }) => [id, agentType, status, name],
    });
  },
};

const agentUpdate: CliCommand = {
  words: ['run', 'agent', 'update'],
  summary: 'Set the status of an agent.',
  operands: '<agent>',
  flags: [{ name: 'status', value: AGENT_STATUSES.join('|'), doc: 'The new status', isRequired: true }],
  exits: { 1: 'no such agent' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const text = textOf(context.args, 'status');
    const status = AGENT_STATUSES.find((known) => known === text);
    if (status === undefined) throw new UsageError(`invalid status (${AGENT_STATUSES.join(', ')}): ${text ?? ''}`);
    const session = await context.session();
    await session.write((unit) => updateAgent(unit, id, status));
    context.out.line('updated');
    return EXIT.ok;
  },
};

const artifactAdd: CliCommand = {
  words: ['run', 'artifact', 'add'],
  summary: 'Record an artifact of a phase, with the hash of its content.',
  operands: '[<run>]',
  json: true,
  flags: [
    { name: 'phase', value: 'PHASE', doc: "Its phase (the run's current phase)" },
    { name: 'path', value: 'FILE', doc: 'The file', isRequired: true },
    { name: 'type', value: 'TYPE', doc: 'Kind of artifact (file)' },
    { name: 'dispatch', value: 'ID', doc: 'The dispatch that made it (INTERCORE_DISPATCH_ID)' },
  ],
  exits: { 1: 'no such run' },
  async run(context) {
    const runId = context.runId();
    const file = textOf(context.args, 'path');
    const phase = textOf(context.args, 'phase');
    if (file === undefined) throw new UsageError('--path is required');
    const inDispatch = context.env['INTERCORE_RUN_ID'] === runId;
    if (phase === undefined && !inDispatch) throw new UsageError('--phase is required');
    const type = textOf(context.args, 'type');
    const dispatchId =
      textOf(context.args, 'dispatch') ?? (inDispatch ? context.env['INTERCORE_DISPATCH_ID'] : undefined);
    const hash = await contentHash(path.resolve(context.cwd, file));
    const session = await context.session();
    const artifact = await session.write((unit) =>
      addArtifact(unit, {
        runId,
        phase: phase ?? session.phaseOf(unit, runId),
        path: file,
        ...defined({ type, contentHash: hash, dispatchId }),
      }),
    );
    if (context.flags.json) context.out.map({ id: artifact.id });
    else context.out.line(artifact.id);
    return EXIT.ok;
  },
};

function artifactMap(artifact: Artifact): JsonValue {
  return {
    id: artifact.id,
    run_id: artifact.runId,
    phase: artifact.phase,
    path: artifact.path,
    type: artifact.type,
    created_at: artifact.createdAt,
    ...present({
      content_hash: artifact.contentHash,
      dispatch_id: artifact.dispatchId,
      status: artifact.status,
    }),
  };
}

const artifactList: CliCommand = {
  words: ['run', 'artifact', 'list'],
  summary: 'List the artifacts of a run, oldest first.',
  operands: '[<run>]',
  json: true,
  flags: [{ name: 'phase', value: 'PHASE', doc: 'Only artifacts of this phase' }],
  async run(context) {
    const runId = context.runId();
    return await printList(context, {
      keys: (reader) => ARTIFACT_LIST.keys(reader, { runId, phase: textOf(context.args, 'phase') }),
      read: (reader, keys) => ARTIFACT_LIST.at(reader, keys).sound,
      json: artifactMap,
      fields: ({ id, phase, type, path: file }) => [id, phase, type, file],
    });
  },
};

const tokens: CliCommand = {
  words: ['run', 'tokens'],
  summary: 'Show the tokens used by the dispatches of a run.',
  operands: '[<run>]',
  json: true,
  async run(context) {
    const runId = context.runId();
    const session = await context.session();
    const total = session.read((reader) => runTokens(reader, runId));
    const seen = total.inputTokens + total.cacheHits;
    const ratio = total.inputTokens === 0 ? 0 : (total.cacheHits / seen) * 100;
    if (context.flags.json) {
      context.out.map({
        run_id: runId,
        input_tokens: total.inputTokens,
        output_tokens: total.outputTokens,
        cache_hits: total.cacheHits,
        total_tokens: total.totalTokens,
        ...(seen > 0 ? { cache_ratio: ratio } : {}),
      });
      return EXIT.ok;
    }
    const line = (name: string, value: string | number): void => {
      context.out.line(`  ${`${name}:`.padEnd(15)}${value}`);
    };
    context.out.line(`Run: ${runId}`);
    line('Input tokens', total.inputTokens);
    line('Output tokens', total.outputTokens);
    line('Cache hits', total.cacheHits);
    if (seen > 0) line('Cache ratio', `${ratio.toFixed(1)}%`);
    line('Total tokens', total.totalTokens);
    return EXIT.ok;
  },
};

const budget: CliCommand = {
  words: ['run', 'budget'],
  summary: 'Compare the usage of a run with its token budget.',
  operands: '[<run>]',
  json: true,
  exits: { 1: 'the budget was exceeded since the last check' },
  async run(context) {
    const runId = context.runId();
    const session = await context.session();
    const check =
      session.newer === undefined
        ? await session.write((unit) => checkBudget(unit, runId))
        : session.read((reader) => budgetCheck(reader, runId));
    if (check === undefined) {
      if (context.flags.json) context.out.map({ budget: null, message: 'no budget set', run_id: runId });
      else context.out.line(`Run ${runId}: no budget set`);
      return EXIT.ok;
    }
    if (context.flags.json) {
      context.out.map({
        budget: check.budget,
        exceeded: check.firstExceeded,
        run_id: runId,
        usage_pct: check.usagePct,
        used: check.used,
        warn_pct: check.warnPct,
        warning: check.firstWarning,
      });
    } else {
      const level = check.firstExceeded ? 'EXCEEDED' : check.firstWarning ? 'WARNING' : 'OK';
      context.out.line(`Run: ${runId}`);
      context.out.line(`  Budget:    ${check.budget} tokens`);
      context.out.line(`  Used:      ${check.used} tokens (${check.usagePct.toFixed(1)}%)`);
      context.out.line(`  Warn at:   ${check.warnPct}%`);
      context.out.line(`  Status:    ${level}`);
    }
    return check.firstExceeded ? EXIT.negative : EXIT.ok;
  },
};

export const RUN_RECORD_COMMANDS: readonly CliCommand[] = [
  tokens,
  budget,
  agentAdd,
  agentList,
  agentUpdate,
  artifactAdd,
  artifactList,
];
