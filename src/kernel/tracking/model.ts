/** The agents of a run and their artifacts (`docs/design/formats.md#agents-and-artifacts`). */
import * as z from 'zod';
import type { AgentId, ArtifactId, DispatchId, RunId } from '../ids';
import { plainText } from '../input';

export const AGENT_STATUSES = ['active', 'completed', 'failed'] as const;
export type AgentStatus = (typeof AGENT_STATUSES)[number];

export interface Agent {
  readonly id: AgentId;
  readonly runId: RunId;
  readonly agentType: string;
  readonly name: string | null;
  readonly status: AgentStatus;
  readonly dispatchId: DispatchId | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

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

export interface Artifact {
  readonly id: ArtifactId;
  readonly runId: RunId;
  readonly phase: string;
  readonly path: string;
  readonly type: string;
  /** `sha256:` and 64 hex digits of the file when it was added, or null if it could not be read. */
  readonly contentHash: string | null;
  readonly dispatchId: DispatchId | null;
  /** `active` counts for gates; `rolled_back` does not. */
  readonly status: string | null;
  readonly createdAt: number;
}

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
