/** What a session host needs beyond a launcher's order (`docs/design/sessions.md`). */
import type { PermissionPolicy, PermissionRule } from '../../contract/permissions/model';
import type { LaunchOrder, LaunchRequest } from '../launcher/launchRecord';
import type { UsageMeaning } from '../../contract/usageMeanings';

/** A program that serves MCP over standard input and output, as the protocol lists it. */
export interface StdioServer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
}

/** How a session is opened. */
export interface SessionRequest {
  /** The session of an earlier dispatch, which the agent continues; null for a new one. */
  readonly resume: string | null;
  /** The first prompt where a session that should continue is gone; null: the prompt of the order. */
  readonly newPrompt: string | null;
  /** The mode in which the agent asks; null for a kind without one, which acts unasked. */
  readonly askMode: string | null;
  /** Null where the agent chooses. */
  readonly model: string | null;
  /** The folder of the project, which rules may name. */
  readonly project: string;
  readonly policy: PermissionPolicy;
  readonly rules: readonly PermissionRule[];
  /** Forms of commands that need no person where work inside the worktree is free: checks, and reports. */
  readonly commands: readonly string[];
  readonly mcpServers: readonly StdioServer[];
  readonly usage: UsageMeaning;
  /** How long the host keeps an idle agent after its last turn. */
  readonly lingerMs: number;
}

export interface SessionLaunchRequest extends LaunchRequest {
  readonly session: SessionRequest;
}

/** The prompt is in `stdinFile`; without one, the session is opened and ends. */
export interface SessionOrder extends LaunchOrder {
  readonly session: SessionRequest;
}
