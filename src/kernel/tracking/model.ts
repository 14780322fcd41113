/** The agents of a run and their artifacts (`docs/design/formats.md#agents-and-artifacts`). */
import * as z from 'zod';
import { column, defineTable, type RowOf } from '../db/defineTable';
import { agentId, artifactId, dispatchId, runId } from '../ids';
import { plainText } from '../input';

export const AGENT_STATUSES = ['active', 'completed', 'failed'] as const;
export type AgentStatus = (typeof AGENT_STATUSES)[number];

export const AGENTS = defineTable('run_agents', {
  id: column('id', agentId),
  runId: column('run_id', runId),
  agentType: column('agent_type', z.string()),
  name: column('name', z.string().nullable()),
  status: column('status', z.enum(AGENT_STATUSES)),
  dispatchId: column('dispatch_id', dispatchId.nullable()),
  createdAt: column('created_at', z.int()),
  updatedAt: column('updated_at', z.int()),
});
export type Agent = RowOf<typeof AGENTS>;

export const DEFAULT_AGENT_TYPE = 'claude';
export const DEFAULT_ARTIFACT_TYPE = 'file';

export const addAgentInput = z.strictObject({
  runId: plainText.min(1),
  /** Absent: `DEFAULT_AGENT_TYPE`. */
  agentType: plainText.min(1).max(64).optional(),
  name: plainText.min(1).max(200).optional(),
  dispatchId: plainText.min(1).max(128).optional(),
});
export type AddAgentInput = z.input<typeof addAgentInput>;

export const ARTIFACTS = defineTable('run_artifacts', {
  id: column('id', artifactId),
  runId: column('run_id', runId),
  phase: column('phase', z.string()),
  path: column('path', z.string()),
  type: column('type', z.string()),
  /** `sha256:` and 64 hex digits of the file when it was added, or null if it could not be read. */
  contentHash: column('content_hash', z.string().nullable()),
  dispatchId: column('dispatch_id', dispatchId.nullable()),
  /** `active` counts for gates; `rolled_back` does not. */
  status: column('status', z.string().nullable()),
  createdAt: column('created_at', z.int()),
});
export type Artifact = RowOf<typeof ARTIFACTS>;

export const addArtifactInput = z.strictObject({
  runId: plainText.min(1),
  phase: plainText.min(1).max(200),
  path: plainText.min(1).max(4096),
  /** Absent: `DEFAULT_ARTIFACT_TYPE`. */
  type: plainText.min(1).max(64).optional(),
  contentHash: plainText.regex(/^sha256:[0-9a-f]{64}$/).optional(),
  dispatchId: plainText.min(1).max(128).optional(),
});
export type AddArtifactInput = z.input<typeof addArtifactInput>;
