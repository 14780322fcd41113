/** A request to start an agent, as callers give it and as the queue stores it. */
import * as z from 'zod';
import { createDispatchInput } from '../../../kernel/dispatch/model';
import { PERMISSION_POLICIES } from '../../../kernel/dispatch/permissionPolicy';
import { messageSessionId } from '../../agents/session';

const { name, model, timeoutSec, parentId, scopeId } = createDispatchInput.shape;
const withoutNul = z.string().regex(/^[^\0]*$/, 'it contains a NUL character');

export const dispatchRequest = z.strictObject({
  /** Name of an agent kind. */
  kind: z.string().min(1),
  /** The text, or a file with it. A copy is kept next to the log. */
  prompt: z.union([z.string(), z.strictObject({ file: withoutNul.min(1) })]),
  /** The run of the dispatch: its scope, and the run of its registered agent. */
  runId: z.string().min(1).optional(),
  name,
  model,
  /** Only for kinds that name `${sandbox}` in an argument. */
  sandbox: createDispatchInput.shape.sandbox,
  timeLimitSec: timeoutSec,
  /** Its own budget, which it reserves completely and which ends it. In tokens. */
  tokenBudget: z.int().positive().optional(),
  /** In micro-dollars. */
  costBudget: z.int().positive().optional(),
  parentId,
  /** Name of the run's agent; defaults to the dispatch's name. */
  agentName: name,
  /** The run's agent for this dispatch, or none; if absent, a new one is registered. */
  agent: z.union([z.literal('none'), z.strictObject({ id: z.string().min(1) })]).optional(),
  /** A scope that is not a run of this database. Ignored if `runId` is given. */
  scopeId,
  /**
   * The file where a wrapper writes the agent's messages, outside our storage. Absolute. Its verdict is
   * `<outputFile>.verdict`, its token counts `<outputFile>.summary` (`docs/design/agents.md#endings`).
   */
  outputFile: withoutNul.min(1).optional(),
  /**
   * The session of a previous dispatch that the agent continues, for kinds that name `${session}` in an argument or
   * run in a session.
   */
  session: messageSessionId.optional(),
  /** The prompt where that session is gone, for kinds that run in a session; left out: the same. Never queued. */
  newPrompt: z.string().optional(),
  /**
   * Forms of the commands with which an agent in a worktree reports to its tracker, which need no person where work
   * inside is free. Never queued.
   */
  reports: z.array(z.string()).optional(),
  /** Added after the kind's own arguments. */
  args: z.array(withoutNul).optional(),
  /** Defaults to the project's folder. Must be inside the project or a folder of worktrees. */
  cwd: withoutNul.min(1).optional(),
  /** Of an agent in a session. Stored with a queued dispatch, so it only narrows what this machine allows. */
  permissions: z.enum(PERMISSION_POLICIES).optional(),
  env: z.record(z.string().regex(/^[^=\0]+$/), withoutNul).optional(),
});
/** As a record has it, which may come from another machine: a person is shown its one prompt, and no command is free. */
export const queuedRequest = dispatchRequest.omit({ newPrompt: true, reports: true });
export type DispatchRequest = z.input<typeof dispatchRequest>;
