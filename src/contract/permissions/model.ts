/**
 * What an agent in a session may do without a person (`docs/design/sessions.md#permissions`). An agent asks before it
 * uses a tool; a policy and rules answer, or a person does. This is no boundary: agents decide what they ask.
 */
import * as z from 'zod';
import { PERMISSION_POLICIES, type PermissionPolicy } from '../../kernel/dispatch/permissionPolicy';

/** Kinds of tools in the Agent Client Protocol. An unknown one is read as `other`. */
export const TOOL_KINDS = [
  'read',
  'edit',
  'delete',
  'move',
  'search',
  'execute',
  'think',
  'fetch',
  'switch_mode',
  'other',
] as const;
export type ToolKind = (typeof TOOL_KINDS)[number];

export { PERMISSION_POLICIES, type PermissionPolicy };

export const PERMISSION_ANSWERS = ['allow', 'ask', 'deny'] as const;
export type PermissionAnswer = (typeof PERMISSION_ANSWERS)[number];

const pattern = z.string().min(1).max(500);

/** One rule. It applies where each of its conditions does; the first rule that applies decides. */
export const permissionRule = z.strictObject({
  /** The folder of a project, as an absolute path: the rule applies to its dispatches only. */
  folder: z.string().min(1).optional(),
  tools: z.array(z.enum(TOOL_KINDS)).min(1).optional(),
  /** Whether every path is inside the worktree, or one is outside it. A request without paths is neither. */
  where: z.enum(['inside', 'outside']).optional(),
  /** Of a path below the worktree; `*` stops at slashes, `**` does not. Every path must match. */
  path: pattern.optional(),
  /** Of a command; `*` is any text. A pattern that allows never matches a command of several commands. */
  command: pattern.optional(),
  /** Of the name of an MCP tool, as `mcp__server__tool`; `*` is any text. */
  mcpTool: pattern.optional(),
  then: z.enum(PERMISSION_ANSWERS),
});
export type PermissionRule = z.infer<typeof permissionRule>;

export const permissionRules = z.array(permissionRule).max(500);

/** What an agent asks permission for, as known from its request and the tool call before it. */
export interface ToolUse {
  readonly kind: ToolKind;
  /** The folder of the project. */
  readonly project: string;
  /** Absolute paths with links resolved. Empty where the agent named none. */
  readonly paths: readonly { readonly path: string; readonly isInside: boolean; readonly below: string }[];
  readonly command?: string;
  readonly mcpTool?: string;
}

/** Who decided: the number of the rule in the person's list, from 1; a rule of the policy; or the policy. */
export type DecidedBy =
  | { readonly kind: 'rule'; readonly number: number }
  | { readonly kind: 'policy'; readonly policy: PermissionPolicy };

export interface PermissionDecision {
  readonly answer: PermissionAnswer;
  readonly by: DecidedBy;
}
