/** What a run has gathered: artifacts, agents and events. */
import path from 'node:path';
import { contextValue } from '../../../contract/views';
import { parseEvidence } from '../../../kernel/gate/service';
import type { PhaseEvent, Run } from '../../../kernel/run/record/model';
import { countPhaseEvents, newestPhaseEvents } from '../../../kernel/run/record/queries';
import type { Agent, Artifact } from '../../../kernel/tracking/model';
import { artifactsOf, countAgents, countArtifacts, listAgents } from '../../../kernel/tracking/service';
import { rowRef, type Opens, type Paged, type Row } from '../../rows/row';
import type { FolderRecord } from '../record/folderRecord';
import { defined } from '../../../kernel/defined';
import { groupRow, PAGE_SIZE, rest } from '../pages';
import type { ViewContext } from '../viewContext';
import { AGENT_ICONS, eventIcon } from '../words';

/** The headings below the phases; only those with something under them. */
export function runGroups(context: ViewContext, record: FolderRecord, run: Run): Row[] {
  const { l10n, formats } = context;
  const of = { folder: record.folder, runId: run.id };
  const agents = record.read((r) => countAgents(r, run.id));
  const events = record.read((r) => countPhaseEvents(r, run.id));
  const orphan = unlistedPhases(record, run).count;
  const working =
    agents.active === 0 ? formats.count(agents.all) : l10n.t('{0}, {1} active', agents.all, agents.active);
  return [
    ...(orphan === 0
      ? []
      : [
          groupRow({ group: 'unlistedArtifacts', ...of }, l10n.t('Artifacts of other phases'), formats.count(orphan), {
            id: 'files',
          }),
        ]),
    ...(agents.all === 0
      ? []
      : [groupRow({ group: 'agents', ...of }, l10n.t('Agents'), working, { id: 'organization' })]),
    ...(events === 0
      ? []
      : [groupRow({ group: 'events', ...of }, l10n.t('Events'), formats.count(events), { id: 'history' })]),
  ];
}

/** A page of the artifacts of a phase, or of all phases that the run's chain does not have. */
export function artifactRows(
  context: ViewContext,
  record: FolderRecord,
  run: Run,
  from: number,
  of: Paged & { readonly group: 'artifacts' | 'unlistedArtifacts' },
): Row[] {
  const phases = of.group === 'artifacts' ? [of.phase] : unlistedPhases(record, run).phases;
  const { artifacts, counts } = record.read((r) => ({
    artifacts: artifactsOf(r, run.id, phases, { from, limit: PAGE_SIZE }),
    counts: countArtifacts(r, run.id),
  }));
  const count = phases.reduce((sum, phase) => sum + (counts.get(phase) ?? 0), 0);
  return [
    ...artifacts.map((artifact) => artifactRow(context, record, artifact)),
    ...rest(context, count, from + PAGE_SIZE, of),
  ];
}

/** Phases of artifacts that the run's chain does not have, and how many artifacts they have. */
function unlistedPhases(record: FolderRecord, run: Run): { readonly phases: string[]; readonly count: number } {
  const counts = [...record.read((r) => countArtifacts(r, run.id))];
  const orphan = counts.filter(([phase]) => phase !== run.phase && !run.phases.includes(phase));
  return { phases: orphan.map(([phase]) => phase), count: orphan.reduce((sum, [, count]) => sum + count, 0) };
}

/** A page of the agents. */
export function agentRows(context: ViewContext, record: FolderRecord, run: Run, from: number, of: Paged): Row[] {
  const { agents, count } = record.read((r) => ({
    agents: listAgents(r, run.id, { from, limit: PAGE_SIZE }),
    count: countAgents(r, run.id).all,
  }));
  return [...agents.map((agent) => agentRow(context, record, agent)), ...rest(context, count, from + PAGE_SIZE, of)];
}

/** A page of the events, newest first. */
export function eventRows(context: ViewContext, record: FolderRecord, run: Run, from: number, of: Paged): Row[] {
  const { events, count } = record.read((r) => ({
    events: newestPhaseEvents(r, run.id, from, PAGE_SIZE),
    count: countPhaseEvents(r, run.id),
  }));
  return [...events.map((event) => eventRow(context, record, event)), ...rest(context, count, from + PAGE_SIZE, of)];
}

function eventRow({ l10n, words, formats }: ViewContext, record: FolderRecord, event: PhaseEvent): Row {
  const hasEvidence = event.reason !== null && parseEvidence(event.reason) !== undefined;
  const target = { kind: 'evidence' as const, folder: record.folder, runId: event.runId, eventId: event.id };
  const label = event.fromPhase === event.toPhase ? event.toPhase : `${event.fromPhase} → ${event.toPhase}`;
  const { gateResult } = event;
  const gate = gateResult === null || gateResult === 'none' ? [] : [l10n.t('gate {0}', words.gateResult(gateResult))];
  const description = [words.event(event.type), ...gate, formats.moment(event.createdAt)].join(' · ');
  return {
    ref: rowRef({ kind: 'event', folder: record.folder, runId: event.runId, eventId: event.id }),
    label,
    description,
    icon: eventIcon(event.type),
    contextValue: contextValue('event', hasEvidence ? ['evidence'] : []),
    spoken: l10n.t('Event {0}, {1}', label, description),
    expands: 'no',
    opens: { what: 'document', target },
  };
}

function artifactRow({ l10n }: ViewContext, record: FolderRecord, artifact: Artifact): Row {
  const isRolledBack = artifact.status === 'rolled_back';
  const description = isRolledBack ? `${artifact.type} · ${l10n.t('rolled back')}` : artifact.type;
  const opens: Opens = { what: 'file', path: path.resolve(record.folder, artifact.path) };
  return {
    ref: rowRef({
      kind: 'artifact',
      folder: record.folder,
      runId: artifact.runId,
      phase: artifact.phase,
      artifactId: artifact.id,
    }),
    label: artifact.path,
    description,
    icon: { id: isRolledBack ? 'discard' : 'file' },
    contextValue: contextValue('artifact', [
      isRolledBack ? 'rolledBack' : 'active',
      ...(record.isWritable ? (['writable'] as const) : []),
    ]),
    spoken: l10n.t('Artifact {0}, {1}', artifact.path, description),
    expands: 'no',
    opens,
  };
}

function agentRow({ l10n, words }: ViewContext, record: FolderRecord, agent: Agent): Row {
  const label = agent.name ?? agent.agentType;
  const status = words.agent(agent.status);
  const description = agent.name === null ? status : `${agent.agentType} · ${status}`;
  const { folder } = record;
  const log: Opens | undefined =
    agent.dispatchId === null || record.dispatches.get(agent.dispatchId) === undefined
      ? undefined
      : { what: 'document', target: { kind: 'log', folder, dispatchId: agent.dispatchId } };
  return {
    ref: rowRef({ kind: 'agent', folder, runId: agent.runId, agentId: agent.id }),
    label,
    description,
    icon: AGENT_ICONS[agent.status],
    contextValue: contextValue('agent', [
      agent.status,
      ...(agent.dispatchId === null ? [] : (['linked'] as const)),
      ...(record.isWritable ? (['writable'] as const) : []),
    ]),
    spoken: l10n.t('Agent {0}, {1}', label, status),
    expands: 'no',
    ...defined({ opens: log }),
  };
}
