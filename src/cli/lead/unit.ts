/** `ic lead --unit`: the text of a system unit that keeps a leader running. Printed, never installed. */
import path from 'node:path';

export const UNIT_KINDS = ['systemd', 'launchd'] as const;
export type UnitKind = (typeof UNIT_KINDS)[number];

export interface UnitInput {
  /** The Node that runs this program, absolute. */
  readonly node: string;
  /** `ic.js`, absolute. */
  readonly program: string;
  /** The words after `ic`, with absolute paths. */
  readonly args: readonly string[];
  readonly cwd: string;
  /** Whether it is the Node of an editor, which needs a variable to run as Node. */
  readonly isElectron: boolean;
  /** Where launchd writes the leader's output. */
  readonly logFile: string;
  /** Differs for each set of folders, so that several units can be installed. */
  readonly name: string;
}

export function unitText(kind: UnitKind, input: UnitInput): string {
  return kind === 'systemd' ? systemdUnit(input) : launchdPlist(input);
}

function systemdUnit({ node, program, args, cwd, name, isElectron }: UnitInput): string {
  const file = `~/.config/systemd/user/${name}.service`;
  return `# ${oneLine(file)}
# Then: systemctl --user daemon-reload && systemctl --user enable --now ${name}
# To continue while no user is signed in: loginctl enable-linger
[Unit]
Description=Intercore: agents work without a window
StartLimitIntervalSec=0

[Service]
ExecStart=${[node, program, ...args].map(systemdWord).join(' ')}
WorkingDirectory=${systemdPath(cwd)}${isElectron ? '\nEnvironment=ELECTRON_RUN_AS_NODE=1' : ''}
Restart=on-failure
RestartSec=10
# Agents continue when the leader stops, and the next leader follows them.
KillMode=process
TimeoutStopSec=60

[Install]
WantedBy=default.target
`;
}

/** A word of a command line: quoted, with systemd's special characters escaped. */
function systemdWord(word: string): string {
  const literal = word
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t');
  return /^[\w./:=@,+-]+$/.test(literal) ? literal : `"${literal}"`;
}

/** A single path is not quoted: only `%` is special, and it must stay on one line. */
function systemdPath(folder: string): string {
  return oneLine(folder).replaceAll('%', '%%');
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, ' ');
}

function launchdPlist({ node, program, args, cwd, logFile, name, isElectron }: UnitInput): string {
  const strings = [node, program, ...args].map((word) => `    <string>${xml(word)}</string>`).join('\n');
  const variables = `
  <key>EnvironmentVariables</key>
  <dict>
    <key>ELECTRON_RUN_AS_NODE</key>
    <string>1</string>
  </dict>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ~/Library/LaunchAgents/${xml(name)}.plist
     Then: launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/${xml(name)}.plist -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${xml(name)}</string>
  <key>ProgramArguments</key>
  <array>
${strings}
  </array>
  <key>WorkingDirectory</key>
  <string>${xml(cwd)}</string>${isElectron ? variables : ''}
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>AbandonProcessGroup</key>
  <true/>
  <key>StandardOutPath</key>
  <string>${xml(logFile)}</string>
  <key>StandardErrorPath</key>
  <string>${xml(logFile)}</string>
</dict>
</plist>
`;
}

/** Other control characters are not allowed in XML. */
function xml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  };
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign).replace(/[^\P{Cc}\t\n]/gu, ' ');
}

/** Named for the first folder, with a hash of all folders. */
export function unitName(first: string, hash: string): string {
  const word = path
    .basename(first)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return ['intercore', word, hash].filter((part) => part !== '').join('-');
}
