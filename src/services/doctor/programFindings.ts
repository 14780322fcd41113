/** Findings about the window, its settings, git, Node, and `ic`. */
import { info, ok, problem, warning, type FindingWords } from './findingWords';

export const PROGRAM_FINDINGS = {
  TRUSTED: ok('The window is trusted.'),
  UNTRUSTED: warning(
    'The window is not trusted.',
    'Intercore starts and changes nothing in it. The doctor does not start programs either, so some checks are skipped.',
    'If you trust the source of its files, trust the workspace, then run the doctor again.',
  ),
  NOT_LOOKED: info(
    'Not checked, because the check starts a program.',
    'Intercore does not start programs in a window that is not trusted.',
    'Trust the workspace, then run the doctor again.',
  ),
  CHECK_FAILED: warning(
    'This could not be checked: {problem}',
    'This check was skipped, so its state is unknown.',
    'Run the doctor again. If it fails again, see the Intercore log for details.',
  ),
  CHECK_SLOW: warning(
    'No answer in {seconds} seconds.',
    'Slow answers also slow down agents.',
    'Run the doctor again when the machine is less busy.',
  ),

  SETTINGS_VALID: ok('All Intercore settings are valid.'),
  SETTING_INVALID: warning(
    'The setting {setting} is not valid: {problem}',
    'Its default is used instead.',
    'Correct the setting.',
  ),

  GIT_FOUND: ok('git {version}, {path}'),
  GIT_MISSING: problem(
    'git was not found on PATH.',
    'Agents work in git worktrees, and git merges their work.',
    'Install git {least} or newer, then start VS Code again.',
  ),
  GIT_OLD: problem(
    'git {version}, {path}, is older than {least}.',
    'Older versions cannot try a merge without touching your files.',
    'Install git {least} or newer, then start VS Code again.',
  ),
  GIT_MUTE: problem(
    '{path} did not report its version: {problem}',
    'Agents work in git worktrees, and git merges their work.',
    'Run it in a terminal to see the error, or reinstall git.',
  ),

  IDENTITY_KNOWN: ok('git has a name and an email address for commits in {folder}.'),
  IDENTITY_MISSING: problem(
    'git has no name or email address for commits in {folder}.',
    'Agents cannot commit, so their work is never accepted.',
    'Set user.name and user.email in git.',
  ),

  NODE_OF_EDITOR: ok('Node {version}, included with the editor.'),
  NODE_FOUND: ok('Node {version}, {path}'),
  NODE_MISSING: info(
    'Node was not found on PATH.',
    'In VS Code, `ic` uses the editor’s Node. In other shells it needs its own.',
    'Install Node {least} or newer if you use `ic` outside VS Code.',
  ),
  NODE_OLD: warning(
    'Node {version}, {path}, is older than {least}.',
    '`ic` may not work with it in a shell outside VS Code.',
    'Install Node {least} or newer.',
  ),

  IC_ANSWERS: ok('`ic` works: version {version}.'),
  IC_MUTE: problem(
    '`ic` does not work: {problem}',
    'Agents report their progress with `ic`.',
    'Reinstall the extension.',
  ),
  IC_IN_TERMINALS: ok('VS Code terminals find `ic`.'),
  IC_NOT_IN_TERMINALS: info(
    'VS Code terminals do not find `ic`.',
    'The setting intercore.terminal.addToPath is off. Agents still find it.',
    'Turn on the setting to use `ic` in terminals.',
  ),
  IC_ON_PATH: ok('`ic` is on PATH: {path}'),
  IC_NOT_ON_PATH: warning(
    '`ic` is not on PATH.',
    'Hooks and scripts that call `ic` do not find it.',
    'Add the folder {folder} to PATH.',
  ),
  IC_OTHER: warning(
    'Another `ic` comes first on PATH: {path}',
    'Hooks and scripts that call `ic` run that one.',
    'Put the folder {folder} before it in PATH.',
  ),
} as const satisfies Readonly<Record<string, FindingWords>>;
