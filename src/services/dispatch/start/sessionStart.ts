/** What a session host gets beyond a launcher (`docs/design/sessions.md`). */
import path from 'node:path';
import { runsInSession, type AgentKind } from '../../../contract/agentKinds';
import { isInside } from '../../../host/files/paths';
import type { SessionLaunchRequest, StdioServer } from '../../../host/session/sessionOrder';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import { narrowed, type PermissionPolicy } from '../../../kernel/dispatch/permissionPolicy';
import { dispatchProcess } from '../../../kernel/dispatch/service';
import type { DispatchKernel } from '../../record/dispatchKernel';
import { MCP_SERVER_NAME, type McpServerCommand } from '../context/mcpServer';
import type { DispatcherDeps, Permissions } from '../context/deps';
import type { DispatchRequest } from '../context/dispatchRequest';

/** Next to the launcher, as they are built. */
const SESSION_HOST = 'session-host.js';

export function sessionHostOf({
  sessionHostPath,
  launcherPath,
}: Pick<DispatcherDeps, 'sessionHostPath' | 'launcherPath'>): string {
  return sessionHostPath ?? path.join(path.dirname(launcherPath), SESSION_HOST);
}

export function sessionRequestOf(
  deps: Pick<DispatcherDeps, 'permissions' | 'workFolders'>,
  kind: AgentKind,
  request: DispatchRequest,
  {
    project,
    cwd,
    mcpServer,
    policy,
  }: {
    readonly project: string;
    readonly cwd: string;
    readonly mcpServer: McpServerCommand | undefined;
    readonly policy: PermissionPolicy;
  },
): Pick<SessionLaunchRequest, 'session'> {
  const { rules, checks } = permissionsOf(deps);
  const isWorktree = deps.workFolders?.().some((folder) => isInside(folder, cwd)) ?? false;
  return {
    session: {
      resume: request.session ?? null,
      newPrompt: request.newPrompt ?? null,
      askMode: kind.session?.askMode ?? null,
      model: request.model ?? null,
      project,
      policy,
      rules,
      commands: isWorktree ? [...freeChecks(checks?.(project) ?? []), ...(request.reports ?? [])] : [],
      mcpServers: mcpServer === undefined ? [] : [asListed(mcpServer)],
      usage: kind.session?.usageMeaning ?? 'none',
      // A text for an agent that has ended starts a dispatch that resumes its session.
      lingerMs: 0,
    },
  };
}

/**
 * Refuses a policy that a caller chose for agents of the named kinds, where none of them asks: it would hold nothing back.
 * @throws KernelError `INVALID_ARGUMENT`
 */
export function refuseUnasked(
  kinds: readonly AgentKind[],
  names: readonly string[],
  policy: PermissionPolicy | null | undefined,
): void {
  const unasked = unaskedKinds(kinds, names, policy);
  const [kind = ''] = unasked;
  if (unasked.length === 0 || unasked.length < names.length) return;
  const problem =
    unasked.length === 1
      ? because('agents of the kind {kind} run without a session and ask for nothing', { kind })
      : because('agents of the kinds {kinds} run without a session and ask for nothing', { kinds: unasked.join(', ') });
  throw new KernelError('INVALID_ARGUMENT', { argument: 'permissions', problem });
}

/** Those of the named kinds whose agents ask for nothing, so that the policy does not hold them back. */
export function unaskedKinds(
  kinds: readonly AgentKind[],
  names: readonly string[],
  policy: PermissionPolicy | null | undefined,
): string[] {
  if (policy === undefined || policy === null || policy === 'allowAll') return [];
  return names.filter((name) => kinds.some((kind) => kind.name === name && !runsInSession(kind)));
}

/** A word that is the same for a shell as for a program. */
const PLAIN_WORD = /^[\w@%:,./+-][\w@%:,./=+-]*$/;

/**
 * Checks as an agent runs them. Intercore runs the same commands in the same worktree, so that they allow nothing new,
 * wherever they are configured. In the person's own folder it runs none.
 */
function freeChecks(checks: readonly (readonly string[])[]): string[] {
  return checks
    .filter(([program = '', ...words]) => /^[\w./+-]+$/.test(program) && words.every((word) => PLAIN_WORD.test(word)))
    .map((words) => words.join(' '));
}

/**
 * What a person chose in this very start, else what this machine allows, narrowed by what is stored: the policy of the
 * request, and of the dispatch that starts or continues it.
 */
export function policyOf(
  deps: Pick<DispatcherDeps, 'permissions'>,
  kernel: DispatchKernel,
  { permissions, parentId }: Pick<DispatchRequest, 'permissions' | 'parentId'>,
  chosen: PermissionPolicy | undefined,
): PermissionPolicy {
  if (chosen !== undefined) return chosen;
  const ofParent = parentId === undefined ? null : kernel.read((r) => dispatchProcess(r, parentId))?.permissions;
  return narrowed(permissionsOf(deps).policy, permissions, ofParent);
}

function permissionsOf({ permissions }: Pick<DispatcherDeps, 'permissions'>): Permissions {
  return permissions?.() ?? { policy: 'freeInside', rules: [] };
}

/** The protocol has the environment as a list. */
function asListed({ command, args, env }: McpServerCommand): StdioServer {
  const variables = Object.entries(env).map(([name, value]) => ({ name, value }));
  return { name: MCP_SERVER_NAME, command, args, env: variables };
}
