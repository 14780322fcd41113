/** The plain-text format of the parts of an agent's log, the same for all agents. */

/** A message of the agent, separated from the previous part. */
export function said(text: string): string[] {
  return text.trim() === '' ? [] : ['', ...text.trimEnd().split('\n')];
}

export function ran(command: string): string[] {
  return [
    '',
    ...command
      .trimEnd()
      .split('\n')
      .map((line, index) => (index === 0 ? `$ ${line}` : `  ${line}`)),
  ];
}

/** The use of a tool other than a command. */
export function used(tool: string, input: string): string[] {
  return ['', `> ${tool} ${input}`.trimEnd()];
}

/** The result of a command or tool. */
export function cameOut(output: string): string[] {
  return output.trim() === ''
    ? []
    : output
        .trimEnd()
        .split('\n')
        .map((line) => `  ${line}`);
}

export function wentWrong(message: string): string[] {
  return message
    .trimEnd()
    .split('\n')
    .map((line) => `! ${line}`);
}

/** A note about the session itself. */
export function about(...parts: (string | undefined)[]): string[] {
  return ['', `── ${parts.filter((part) => part !== undefined && part !== '').join(' · ')}`];
}
