/** Operations on the database, and on artifacts, agents and events of runs. */
import path from 'node:path';
import { writeIds, writesAmong } from '../../../kernel/callers/writes';
import { dispatchIds } from '../../../kernel/dispatch/service';
import { KernelError } from '../../../kernel/errors/errors';
import type { KernelEvent } from '../../../kernel/events/model';
import { eventChunks } from '../../../kernel/events/service';
import { listQueued } from '../../../kernel/queue/service';
import { getRun } from '../../../kernel/run/record/queries';
import { AGENT_LIST, ARTIFACT_LIST } from '../../../kernel/tracking/longLists';
import { addAgent, addArtifact, updateAgent } from '../../../kernel/tracking/service';
import { contentHash } from '../../../host/files/contentHash';
import type { Run } from '../../../kernel/run/record/model';
import type { Artifact } from '../../../kernel/tracking/model';
import type { Reader, Unit } from '../../../kernel/unit';
import { defined } from '../../../kernel/defined';
import { removeFilesOf } from '../../dispatch/start/ownedFiles';
import type { ProjectKernel } from '../../record/kernels';
import { folderInfo } from '../folders';
import { gathered, inTurns } from '../../../host/turns';
import { isReadable } from '../host';
import type { Implement, Implementation } from '../implementation';
import { readInSteps } from '../listPage';
import { insideFolder } from './projectPath';

export const recordOperations: Implementation<'database' | 'artifacts' | 'agents' | 'events'> = {
  'database.initialize': async (host) => {
    const { kernel } = host;
    await kernel.initialize();
    return folderInfo(kernel);
  },
  'database.reload': async (host) => {
    const { kernel } = host;
    await kernel.refresh();
    return folderInfo(kernel);
  },
  'database.remove': async (host) => {
    const { kernel } = host;
    const files = await kernel.files();
    const ids = isReadable(kernel) ? kernel.read(idsWithFiles) : [];
    await kernel.remove();
    for (const { id, problem } of await removeFilesOf(kernel.path, host.dispatcher.storages, ids)) {
      host.log.warn('files of a dispatch not deleted', { id, problem });
    }
    return files;
  },
  'artifacts.list': async (host, { phase, ...where }) => {
    const { kernel } = host;
    const keysOf = (reader: Reader): readonly string[] =>
      ARTIFACT_LIST.keys(reader, { runId: getRun(reader, where.runId).id, phase });
    return await readInSteps(kernel, keysOf, (reader, some) => ARTIFACT_LIST.at(reader, some).sound);
  },
  'artifacts.add': addArtifacts,
  'agents.list': async (host, where) => {
    const { kernel } = host;
    const keysOf = (reader: Reader): readonly string[] =>
      AGENT_LIST.keys(reader, { runId: getRun(reader, where.runId).id });
    return await readInSteps(kernel, keysOf, (reader, some) => AGENT_LIST.at(reader, some).sound);
  },
  'agents.add': async (host, input) => {
    const { kernel } = host;
    const agent = await kernel.write((unit) => addAgent(unit, input));
    // An agent that an agent registers here is not started when a person advances the run.
    if (host.caller().kind !== 'dispatch') host.ownWork.noteAgent(kernel.folder, agent.id);
    return agent;
  },
  'agents.update': ({ kernel }, { agentId, status }) => kernel.write((unit) => updateAgent(unit, agentId, status)),
  'events.list': async (host, { runId, limit, since }) => {
    const { kernel } = host;
    const chunks = eventChunks((work) => kernel.read<readonly KernelEvent[]>(work), {
      ...(runId === undefined ? {} : { runId: kernel.read((reader): string => getRun(reader, runId).id) }),
      ...defined({ limit, since }),
    });
    return await inTurns(gathered(chunks));
  },
  'events.writes': async (host, { runId, limit }) => {
    const { kernel } = host;
    const idsOf = (reader: Reader): readonly number[] =>
      writeIds(reader, {
        ...(runId === undefined ? {} : { runId: getRun(reader, runId).id }),
        ...defined({ limit }),
      });
    return await readInSteps(kernel, idsOf, writesAmong);
  },
};

/** The ids of all dispatches that may have files, including queued ones. */
function idsWithFiles(reader: Reader): readonly string[] {
  const { queued, invalid } = listQueued(reader);
  return [...dispatchIds(reader), ...[...queued, ...invalid].map(({ id }) => id)];
}

/** Adds artifacts for files of a run, or of a portfolio, in its current phase unless another is named. */
export function addFiles(
  unit: Unit,
  run: Run,
  { phase, type }: { readonly phase: string | undefined; readonly type: string | undefined },
  files: readonly { readonly file: string; readonly hash: string | undefined }[],
): readonly Artifact[] {
  const into = phase === undefined ? run.phase : phaseOf(run, phase);
  return files.map(({ file, hash }) =>
    addArtifact(unit, { runId: run.id, phase: into, path: file, ...defined({ type, contentHash: hash }) }),
  );
}

/** Adds all files or none. A directory or a missing file is recorded without a hash. */
async function addArtifacts(
  ...[host, { paths, phase, type, ...where }]: Parameters<Implement<'artifacts.add'>>
): Promise<readonly Artifact[]> {
  const { kernel } = host;
  const inside = paths.map((file) => insideFolder(kernel.folder, file));
  const hashed = await Promise.all(inside.map(async (file) => ({ file, hash: await hashOf(kernel, file) })));
  return await kernel.write((unit) => addFiles(unit, getRun(unit, where.runId), { phase, type }, hashed));
}

async function hashOf(kernel: ProjectKernel, file: string): Promise<string | undefined> {
  return await contentHash(path.join(kernel.folder, file));
}

/** @throws KernelError `PHASE_NOT_IN_CHAIN` */
export function phaseOf(run: Run, phase: string): string {
  if (run.phases.includes(phase)) return phase;
  throw new KernelError('PHASE_NOT_IN_CHAIN', { runId: run.id, phase, chain: run.phases.join(', ') });
}
