/**
 * The one-shot credential helper: how a secret reaches one run of git. Git starts a one-line helper, which passes git's
 * request to this process and returns the response. The secret is in no environment, argument or file. It is given
 * once, for the exact origin of the run, and the channel closes.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';

/** A credential for a remote repository over HTTPS. Kept in memory only. */
export interface Credential {
  readonly username: string;
  readonly password: string;
}

export interface CredentialHelper {
  /** Git's `credential.helper`. */
  readonly command: string;
  /** Variables that the command needs; none of them is a secret. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether git must inherit a socket as its descriptor 3. */
  readonly hasSocket: boolean;
  /** Answers on that socket. */
  listen(socket: Duplex | Readable | undefined): void;
  close(): void;
}

/** Longer than git's requests. */
const MAX_QUESTION_LENGTH = 8192;
/**
 * Git's helpers inherit descriptor 3. Node makes it a socket, not a pipe, so it cannot be opened again by `/proc`. The
 * empty line ends the request, because the descriptor itself stays open.
 */
const SHELL_HELPER = '!f() { test "$1" = get || exit 0; cat >&3; echo >&3; cat <&3; }; f';
/** The same over a named pipe, for systems whose programs do not inherit descriptors from git. */
const NODE_HELPER = `
  const [pipe, action] = process.argv.slice(1);
  if (action === "get") {
    const socket = require("net").connect(pipe);
    process.stdin.on("end", () => socket.write("\\n")).pipe(socket, { end: false });
    socket.pipe(process.stdout);
  }`
  .replace(/\n\s*/g, ' ')
  .trim();

/** `origin`: `https://host`, with a non-default port. */
export async function credentialHelper(
  origin: string,
  credential: Credential,
  hasInheritance = process.platform !== 'win32',
): Promise<CredentialHelper> {
  return hasInheritance ? socketHelper(origin, credential) : pipeHelper(origin, credential);
}

function socketHelper(origin: string, credential: Credential): CredentialHelper {
  let listening: Duplex | undefined;
  return {
    command: SHELL_HELPER,
    environment: {},
    hasSocket: true,
    listen: (socket) => {
      if (socket === undefined || !('write' in socket)) return;
      listening = socket;
      answerOnce(socket, origin, credential);
    },
    close: () => listening?.destroy(),
  };
}

async function pipeHelper(origin: string, credential: Credential): Promise<CredentialHelper> {
  const name = `intercore-${randomBytes(16).toString('hex')}`;
  const pipe = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : `/tmp/${name}`;
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    // The second caller finds nothing.
    server.close();
    answerOnce(socket, origin, credential);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(pipe, () => resolve());
  });
  server.unref();
  return {
    command: `!${[process.execPath.replaceAll('\\', '/'), '-e', NODE_HELPER, pipe].map(quoted).join(' ')}`,
    // In an extension host the executable is the editor, which this variable makes run as Node.
    environment: { ELECTRON_RUN_AS_NODE: '1' },
    hasSocket: false,
    listen: () => undefined,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function answerOnce(socket: Duplex, origin: string, { username, password }: Credential): void {
  let question = '';
  const onData = (chunk: Buffer): void => {
    question += chunk.toString();
    if (question.length > MAX_QUESTION_LENGTH) socket.destroy();
    if (!question.includes('\n\n')) return;
    socket.off('data', onData);
    socket.end(isAbout(question, origin) ? `username=${username}\npassword=${password}\n` : '');
  };
  // Git may exit before it has read the response; its own failure reports that.
  socket.on('error', () => undefined).on('data', onData);
}

function isAbout(question: string, origin: string): boolean {
  const fields = new Map(
    question.split('\n').map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]),
  );
  return `${fields.get('protocol') ?? ''}://${fields.get('host') ?? ''}` === origin;
}

/** For the shell that git starts helpers with. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
