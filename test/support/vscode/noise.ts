/** The browser workbench prints its own state among the tests' lines; none of this concerns a test. */
const NOISE = [
  /\/vs\/code\/browser\/workbench\/workbench\.js:/,
  /^(Resolv|Creating a socket|\[reconnection-grace|\[lifecycle\]|\[RemoteAgentHost|\[Service Worker|\[AgentHost)/,
  /^(\[AccountPolicy|Updating additional builtin|Ignoring fetching additional builtin|Canceled: |getaddrinfo )/,
  /^(Error while fetching the extension under development|Unable to read file 'vscode-remote:)/,
  /^(Error: Could not locate the bindings|No search provider registered for scheme|SettingsEditor2: )/,
];

/** Whether a line of the workbench's console is about VS Code itself. */
export const isNoise = (line: string): boolean => NOISE.some((pattern) => pattern.test(line));
