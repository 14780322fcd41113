/** A terminal with a line that waits for a person to run it. */
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';

/** What a shell gets to start that does not report its prompt. */
const START_MS = 3000;

/** Opens a terminal and types the line there, once the shell reads it: earlier, the terminal would show it twice. */
export function typeInTerminal(name: string, line: string): vscode.Terminal {
  const terminal = vscode.window.createTerminal({ name });
  terminal.show();
  // Typed only: a person runs it.
  void whenReading(terminal).then(() => terminal.sendText(line, false));
  return terminal;
}

async function whenReading(terminal: vscode.Terminal): Promise<void> {
  if (terminal.shellIntegration !== undefined) return;
  const started = new AbortController();
  const watching = vscode.window.onDidChangeTerminalShellIntegration((event) => {
    if (event.terminal === terminal) started.abort();
  });
  await delay(START_MS, undefined, { signal: started.signal }).catch(() => undefined);
  watching.dispose();
}
