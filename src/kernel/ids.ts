/**
 * Identifiers of the domain, branded so that one kind cannot be used for another
 * (`docs/design/formats.md#ids-and-times`).
 */
import * as z from 'zod';

/**
 * The kernel makes ids of eight characters `a-z0-9`; rows written by other programs may hold any text, so reading
 * requires only a short single line.
 */
const id = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\r\n\0]+$/);

/** Only Intercore creates rows of projects and tasks, and their ids name folders, files and refs. */
const pathPart = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'it is not an id');

export const runId = id.brand<'RunId'>();
export type RunId = z.infer<typeof runId>;

export const dispatchId = id.brand<'DispatchId'>();
export type DispatchId = z.infer<typeof dispatchId>;

export const agentId = id.brand<'AgentId'>();
export type AgentId = z.infer<typeof agentId>;

export const artifactId = id.brand<'ArtifactId'>();
export type ArtifactId = z.infer<typeof artifactId>;

export const discoveryId = id.brand<'DiscoveryId'>();
export type DiscoveryId = z.infer<typeof discoveryId>;

export const projectId = pathPart.brand<'ProjectId'>();
export type ProjectId = z.infer<typeof projectId>;

export const taskId = pathPart.brand<'TaskId'>();
export type TaskId = z.infer<typeof taskId>;

export const subtaskId = pathPart.brand<'SubtaskId'>();
export type SubtaskId = z.infer<typeof subtaskId>;

export const agentRunId = pathPart.brand<'AgentRunId'>();
export type AgentRunId = z.infer<typeof agentRunId>;

/** Length of a new run, dispatch, agent or artifact id. */
export const ID_LENGTH = 8;

export const DISCOVERY_ID_LENGTH = 12;

export const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
