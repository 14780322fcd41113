/** `ic interspect record|query`: observations of agents (`docs/design/formats.md#discoveries`). */
import type { InterspectEvent, InterspectQuery } from '../../../kernel/interspect/model';
import { queryInterspect, recordInterspect } from '../../../kernel/interspect/service';
import { UsageError } from '../../grammar/argv';
import type { CliCommand } from '../../command/command';
import { EXIT } from '../../command/command';
import type { JsonValue } from '../../output/output';
import { present } from '../../output/output';
import { rfc3339 } from '../../grammar/timestamps';
import { integerOf, textOf } from '../../grammar/values';

const record: CliCommand = {
  words: ['interspect', 'record'],
  summary: 'Record an observation of an agent.',
  strict: true,
  json: true,
  flags: [
    { name: 'agent', value: 'NAME', doc: 'The agent', isRequired: true },
    { name: 'type', value: 'TYPE', doc: 'Type of the observation', isRequired: true },
    { name: 'run', value: 'RUN', doc: 'The run that it worked for' },
    { name: 'reason', value: 'TEXT', doc: 'Why its finding was overridden' },
    { name: 'context', value: 'JSON', doc: 'Additional data' },
    { name: 'session', value: 'ID', doc: 'Session of the agent' },
    { name: 'project', value: 'DIR', doc: 'Project of the agent' },
  ],
  async run(context) {
    const { args, flags, out } = context;
    const agentName = textOf(args, 'agent');
    const eventType = textOf(args, 'type');
    if (agentName === undefined || eventType === undefined) throw new UsageError('--agent and --type are required');
    const session = await context.session();
    const id = await session.write((unit) =>
      recordInterspect(unit, {
        agentName,
        eventType,
        runId: textOf(args, 'run'),
        overrideReason: textOf(args, 'reason'),
        contextJson: textOf(args, 'context'),
        sessionId: textOf(args, 'session'),
        projectDir: textOf(args, 'project'),
      }),
    );
    if (flags.json) out.map({ id });
    else out.line(String(id));
    return EXIT.ok;
  },
};

function eventJson(event: InterspectEvent): JsonValue {
  return present({
    id: event.id,
    run_id: event.runId,
    agent_name: event.agentName,
    event_type: event.eventType,
    override_reason: event.overrideReason,
    context_json: event.contextJson,
    session_id: event.sessionId,
    project_dir: event.projectDir,
    timestamp: rfc3339(event.createdAt * 1000),
  });
}

const query: CliCommand = {
  words: ['interspect', 'query'],
  summary: 'List observations of agents, as JSON lines.',
  strict: true,
  flags: [
    { name: 'agent', value: 'NAME', doc: 'Only observations of this agent' },
    { name: 'since', value: 'ID', doc: 'Only events after this id' },
    { name: 'limit', value: 'N', doc: 'Maximum number of events (100; 0: 1000)' },
  ],
  async run(context) {
    const { args, out } = context;
    const request: InterspectQuery = {
      agentName: textOf(args, 'agent'),
      since: integerOf(args, 'since', { min: 0, wanted: 'non-negative integer' }),
      limit: integerOf(args, 'limit', { wanted: 'integer' }) ?? 100,
    };
    const session = await context.session();
    for (const event of session.read((reader) => queryInterspect(reader, request))) out.json(eventJson(event));
    return EXIT.ok;
  },
};

export const INTERSPECT_COMMANDS: readonly CliCommand[] = [record, query];
