/** All commands with what does them, noun by noun. */
import { agentKindCommands } from './general/agentKinds';
import { attentionCommands } from './general/attention';
import { boardCommands } from './general/board';
import { databaseCommands } from './general/database';
import { commandRunner, type Handlers } from './shared/define';
import type { CommandDeps } from './shared/deps';
import { dispatchCommands } from './dispatch/dispatches';
import { demoCommands } from './general/demo';
import { doctorCommands } from './general/doctor';
import { gateCommands } from './run/gates';
import { heldAccountCommands } from './dispatch/heldAccounts';
import { mcpCommands } from './general/mcp';
import { gitHubProjectCommands } from './project/gitHubProjects';
import { projectMoveCommands } from './project/projectMoves';
import { portfolioCommands } from './portfolio/portfolios';
import { leadCommands } from './task/lead';
import { pullRequestCommands } from './task/pullRequests';
import { agentCommands, artifactCommands } from './run/records';
import { runCommands } from './run/runs';
import { sessionCommands } from './dispatch/sessions';
import { subtaskCommands } from './task/subtasks';
import type { RunCommand } from './shared/registration';
import { projectCommands, taskCommands } from './task/tasks';
import { windowCommands } from './general/window';
import { timelineCommands } from './run/timelines';
import { worktreeCommands } from './project/worktrees';

export function commands(deps: CommandDeps): RunCommand {
  return commandRunner(allHandlers(deps), { log: deps.log, trusted: deps.services.trusted });
}

function allHandlers(deps: CommandDeps): Handlers {
  return {
    ...databaseCommands(deps),
    ...windowCommands(deps),
    ...mcpCommands(deps),
    ...demoCommands(deps.services, () => deps.showWalkthrough()),
    ...doctorCommands(deps),
    ...attentionCommands(deps),
    ...runCommands(deps),
    ...timelineCommands(deps),
    ...gateCommands(deps),
    ...artifactCommands(deps),
    ...agentCommands(deps),
    ...agentKindCommands(deps),
    ...dispatchCommands(deps),
    ...sessionCommands(deps),
    ...heldAccountCommands(deps),
    ...portfolioCommands(deps),
    ...boardCommands(deps),
    ...projectCommands(deps),
    ...taskCommands(deps),
    ...subtaskCommands(deps),
    ...gitHubProjectCommands(deps),
    ...projectMoveCommands(deps),
    ...leadCommands(deps),
    ...pullRequestCommands(deps),
    ...worktreeCommands(deps),
  };
}
