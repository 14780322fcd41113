/** Findings about agents, Beads, and GitHub. */
import { info, ok, problem, warning, type FindingWords } from './findingWords';

export const AGENT_FINDINGS = {
  AGENT_READY: ok('{kind}: {version}, signed in, {path}'),
  AGENT_FOUND: ok('{kind}: {path}. The doctor knows of no required sign-in.'),
  AGENT_SIGN_IN_UNKNOWN: info(
    '{kind}: {version}, {path}. Its sign-in could not be checked: {problem}',
    'An agent that is not signed in fails as soon as it starts.',
    'Start it once in a terminal and check whether it asks you to sign in.',
  ),
  AGENT_SIGNED_OUT: problem(
    '{kind}: {version}, {path}, is not signed in.',
    'It fails as soon as it starts.',
    'Sign in by running `{line}` in a terminal.',
  ),
  AGENT_MUTE: problem(
    '{kind}: {path} did not report its version: {problem}',
    'The agent may not start.',
    'Run it in a terminal to see the error, or reinstall it.',
  ),
  AGENT_MISSING: problem(
    '{kind}: the program {command} was not found on PATH.',
    'Tasks use this agent kind, and it cannot start.',
    'Install it, or choose another kind in the setting intercore.agents.default.',
  ),
  AGENT_ABSENT: info(
    '{kind}: the program {command} was not found on PATH.',
    'Agents of this kind cannot start. No setting selects this kind, so nothing needs it.',
    'Install it if you want to use it.',
  ),
  AGENT_NOT_ADDED: info(
    '{kind}: the program {command} was not found on PATH.',
    'Agents of this kind cannot start.',
    'Add it with Add Agent Kind… or `ic agent add {kind}` to use it.',
  ),
  AGENT_CLI_MISSING: problem(
    '{kind}: the program {command} that the agent starts was not found on PATH.',
    'Agents of this kind cannot start.',
    'Install it, or set the variable {variable} to its path.',
  ),
  AGENT_NODE_OLD: problem(
    '{kind}: the Node on PATH is {version}, and the agent needs {least} or newer.',
    'The agent may not start, or may fail while it runs.',
    'Install a newer Node.',
  ),
  AGENT_REFUSES_ROOT: problem(
    '{kind}: it refuses to run without permission prompts as root.',
    'Intercore runs as root, and so do the agents that it starts.',
    'Run VS Code as a regular user. In a container made for agents, set the variable IS_SANDBOX to 1.',
  ),
  AGENT_OPENED: ok('{kind}: {agent} started, opened a session, and asks for permission in the mode {mode}.'),
  AGENT_OPENED_UNASKED: info(
    '{kind}: {agent} started and opened a session. It has no mode in which it asks for permission.',
    'It runs programs and changes files without asking.',
    'If the agent has such a mode, name it as session.askMode of the kind in intercore.agents.kinds.',
  ),
  AGENT_MODE_REFUSED: problem(
    '{kind}: {agent} opened a session, but its mode is {mode}, not {wanted}, in which it asks for permission.',
    'Its dispatches fail, because it would run programs without asking.',
    'Add the agent again for the version that was tried, or change session.askMode in intercore.agents.kinds.',
  ),
  AGENT_NEEDS_SIGN_IN: problem(
    '{kind}: it started, but needs a sign-in: {problem}',
    'Its dispatches fail as soon as they start.',
    'Sign in with the program of the agent in a terminal.',
  ),
  AGENT_NOT_OPENED: problem(
    '{kind}: it opened no session: {problem}',
    'Its dispatches fail as soon as they start.',
    'Start {command} in a terminal to see the error, or add the agent again.',
  ),
  AGENT_UNCHECKED: info(
    '{kind}: it was not started, because its agents are not allowed in {folder}.',
    'Whether it starts, is signed in, and asks for permission is unknown.',
    'Allow it with Allow Agents… or `ic agent allow {kind}`, then check again.',
  ),
  AGENT_DEFAULT_SET: ok('{kind} is the default agent kind in {folder}, selected in your settings.'),
  AGENT_DEFAULT_KEPT: ok('{kind} is the default agent kind in {folder}, as it was when the first agent started there.'),
  AGENT_DEFAULT_FOUND: ok(
    '{kind} is the default agent kind in {folder}, because it is the first of {kinds} that is installed.',
  ),
  AGENT_DEFAULT_ABSENT: info(
    '{kind} is the default agent kind in {folder}, but none of {kinds} is installed.',
    'Dispatches that do not name another kind cannot start.',
    'Install one of them, or choose another kind in the setting intercore.agents.default.',
  ),
  AGENT_VARIABLES: ok('{kind} gets these variables from your environment: {names}'),
  AGENT_VARIABLE_MISSING: warning(
    '{kind}: {cause} is set, but {names} is not.',
    'The agent cannot reach a model without it.',
    'Set it in the start-up file of your shell, then start VS Code again.',
  ),
  VARIABLE_NOT_SET: info(
    '{kind}: the settings pass on {names}, which is not set.',
    'Agents, checks and set-up commands that need it fail.',
    'Set it in the start-up file of your shell, then start VS Code again.',
  ),
  LOGIN_SHELL_FAILED: warning(
    'Your login shell did not report its variables: {problem}',
    'Agents and checks get only the variables of VS Code, so programs may be missing from their PATH.',
    'Start your shell in a terminal and check for errors, or start VS Code from a terminal.',
  ),
  AGENT_DRIFT: info(
    '{kind} {version} prints fields that Intercore does not know: {fields}',
    'Figures and messages leave these fields out. All other fields are read, and the log keeps every line.',
    'Update Intercore, or report the fields in an issue.',
  ),
  AGENT_KIND_UNKNOWN: problem(
    'The settings name the agent kind {kind}, which does not exist.',
    'No agent can be started with it.',
    'Choose one of {known}.',
  ),

  BEADS_FOUND: ok('bd {version}, {path}'),
  BEADS_ABSENT: info(
    '`bd` was not found on PATH.',
    'Only needed to keep subtasks in Beads.',
    'Install it if you use it.',
  ),
  BEADS_MUTE: warning(
    '{path} did not report its version: {problem}',
    'Subtasks cannot be kept in Beads.',
    'Run it in a terminal to see the error, or reinstall it.',
  ),

  GITHUB_SIGNED_IN: ok('Signed in to GitHub, with these permissions: {scopes}'),
  GITHUB_FEW_SCOPES: warning(
    'Signed in to GitHub, but without these permissions: {missing}',
    'Private repositories and pull requests need them.',
    'Sign in again and grant them.',
  ),
  GITHUB_SIGNED_OUT: info(
    'Not signed in to GitHub, or Intercore is not allowed to use the account yet.',
    'Only pull requests and private repositories on GitHub need a sign-in.',
    'Sign in when Intercore asks for it.',
  ),
  GITHUB_TOKEN: ok('The variable {variable} holds a GitHub token. The token was not tested.'),
  GITHUB_UNKNOWN: info(
    'Your GitHub sign-in could not be checked: {problem}',
    'Only pull requests and private repositories on GitHub need a sign-in.',
    'Sign in when Intercore asks for it.',
  ),
} as const satisfies Readonly<Record<string, FindingWords>>;
