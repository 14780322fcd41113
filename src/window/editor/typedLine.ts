/** A terminal with a line that waits for a person to run it. */
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';

/** What a shell gets to start that does not report its prompt: one that usually does reports it late on a busy machine. */
const START_MS = 3000;
const REPORTING_MS = 20_000;
/** Clears the screen of a shell that edits its line, and shows the prompt and the line again. */
const REDRAW = '\f';
/** Shells that edit their line, and that the editor has report their prompts, unless a setting forbids it. */
const EDITING = /(?:^|[\\/])(?:bash|zsh|fish|pwsh|powershell)(?:\.exe)?$/i;

/** Opens a terminal and types the line there, once the shell reads it: earlier, the terminal would show it twice. */
export function typeInTerminal(name: string, line: string): vscode.Terminal {
  const terminal = vscode.window.createTerminal({ name });
  terminal.show();
  // Typed only: a person runs it.
  void whenReading(terminal).then(() => {
    if (terminal.exitStatus !== undefined) return;
    terminal.sendText(line, false);
    // A shell reports its prompt a moment before it reads. A line that comes in between is shown before the prompt, too.
    if (EDITING.test(vscode.env.shell)) terminal.sendText(REDRAW, false);
  });
  return terminal;
}

async function whenReading(terminal: vscode.Terminal): Promise<void> {
  if (terminal.shellIntegration?.cwd !== undefined) return;
  const started = new AbortController();
  const watching = vscode.window.onDidChangeTerminalShellIntegration((event) => {
    // The folder comes with the first prompt, after the start-up files of the shell.
    if (event.terminal === terminal && event.shellIntegration.cwd !== undefined) started.abort();
  });
  await delay(startMs(), undefined, { signal: started.signal }).catch(() => undefined);
  watching.dispose();
}

function startMs(): number {
  const mayReport = vscode.workspace.getConfiguration('terminal.integrated.shellIntegration').get('enabled') === true;
  return mayReport && EDITING.test(vscode.env.shell) ? REPORTING_MS : START_MS;
}
