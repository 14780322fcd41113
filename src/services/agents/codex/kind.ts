/** The built-in kind of the Codex CLI. */
import type { AgentKind } from '../../../contract/agentKinds';

export const CODEX_KIND: AgentKind = {
  name: 'codex',
  command: 'codex',
  args: [
    'exec',
    '--json',
    '--skip-git-repo-check',
    // Its login shells may set PATH again, as Debian's do, so that an agent does not find `ic`.
    '--config=allow_login_shell=false',
    '--sandbox=${sandbox}',
    '--config=${mcpConfigLine}',
    '--model=${model}',
    '${resume}',
    '${session}',
    '-',
  ],
  promptBy: 'stdin',
  parser: 'codex',
  passEnv: ['OPENAI_*', 'CODEX_*', 'AZURE_OPENAI_*'],
  // Its narrower sandboxes write-protect .git, so an agent in them cannot commit what it made.
  sandbox: 'danger-full-access',
};
