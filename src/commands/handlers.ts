/** All commands with what does them, noun by noun. */
import { attentionCommands } from './attention';
import { boardCommands } from './board';
import { databaseCommands } from './database';
import { commandRunner, type Handlers } from './define';
import type { CommandDeps } from './deps';
import { dispatchCommands } from './dispatches';
import { demoCommands } from './demo';
import { doctorCommands } from './doctor';
import { gateCommands } from './gates';
import { heldAccountCommands } from './heldAccounts';
import { mcpCommands } from './mcp';
import { gitHubProjectCommands } from './gitHubProjects';
import { projectMoveCommands } from './projectMoves';
import { portfolioCommands } from './portfolios';
import { leadCommands } from './lead';
import { pullRequestCommands } from './pullRequests';
import { agentCommands, artifactCommands } from './records';
import { runCommands } from './runs';
import { subtaskCommands } from './subtasks';
import type { RunCommand } from './registering';
import { projectCommands, taskCommands } from './tasks';
import { windowCommands } from './window';
import { timelineCommands } from './timelines';
import { worktreeCommands } from './worktrees';

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
    ...dispatchCommands(deps),
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
