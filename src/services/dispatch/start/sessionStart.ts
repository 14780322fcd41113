/** What a session host gets beyond a launcher (`docs/design/sessions.md`). */
import path from 'node:path';
import type { AgentKind } from '../../../contract/agentKinds';
import type { SessionLaunchRequest, StdioServer } from '../../../host/session/sessionOrder';
import { MCP_SERVER_NAME, type McpServerCommand } from '../context/mcpServer';
import type { DispatcherDeps } from '../context/deps';
import type { DispatchRequest } from '../context/dispatchRequest';

/** Next to the launcher, as they are built. */
const SESSION_HOST = 'session-host.js';

export function sessionHostOf({ sessionHostPath, launcherPath }: DispatcherDeps): string {
  return sessionHostPath ?? path.join(path.dirname(launcherPath), SESSION_HOST);
}

export function sessionRequestOf(
  deps: Pick<DispatcherDeps, 'permissions'>,
  kind: AgentKind,
  request: DispatchRequest,
  { project, mcpServer }: { readonly project: string; readonly mcpServer: McpServerCommand | undefined },
): Pick<SessionLaunchRequest, 'session'> {
  const { policy, rules } = deps.permissions?.() ?? { policy: 'freeInside', rules: [] };
  return {
    session: {
      resume: request.session ?? null,
      askMode: kind.session?.askMode ?? null,
      model: request.model ?? null,
      project,
      policy,
      rules,
      mcpServers: mcpServer === undefined ? [] : [asListed(mcpServer)],
      usage: kind.session?.usageMeaning ?? 'none',
      // A text for an agent that has ended starts a dispatch that resumes its session.
      lingerMs: 0,
    },
  };
}

/** The protocol has the environment as a list. */
function asListed({ command, args, env }: McpServerCommand): StdioServer {
  const variables = Object.entries(env).map(([name, value]) => ({ name, value }));
  return { name: MCP_SERVER_NAME, command, args, env: variables };
}
