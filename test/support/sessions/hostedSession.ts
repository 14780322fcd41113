/** A real session host with a scripted agent, in a folder of its own. */
import { readFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { OpenRequest, SessionCommand, SessionState } from '../../../src/contract/sessions';
import { endAgentProcesses, launch, type Launched } from '../../../src/host/launcher/agentProcess';
import { makeDispatchFiles, type DispatchFiles } from '../../../src/host/launcher/dispatchFiles';
import { proven, readExit, type ExitRecord } from '../../../src/host/launcher/launchRecord';
import { giveCommand, readSessionState } from '../../../src/host/session/files/sessionFiles';
import { sessionLogLine, type SessionLogLine } from '../../../src/host/session/connection/sessionLog';
import type { SessionLaunchRequest, SessionRequest } from '../../../src/host/session/sessionOrder';
import { until } from '../until';
import type { AgentScript } from './scriptedAgent';

export const SESSION_HOST = path.resolve(__dirname, '../../../src/host/session/sessionHost.js');
export const SCRIPTED_AGENT = path.join(__dirname, 'scriptedAgent.js');

/** A script with the mode that it asks in, as most agents have it. */
export const ASKING = {
  session: {
    configOptions: [
      {
        id: 'mode',
        category: 'mode',
        type: 'select',
        currentValue: 'auto',
        options: [{ value: 'auto' }, { value: 'ask' }],
      },
    ],
  },
};

export interface SessionOptions extends Partial<SessionRequest> {
  readonly timeLimitMs?: number;
  readonly prompt?: string;
}

export interface ProgramOfSession {
  readonly root: string;
  /** The agent's folder. */
  readonly folder: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Of the dispatch. */
  readonly id?: string;
}

export class HostedSession {
  private constructor(
    readonly root: string,
    /** The agent's folder. */
    readonly folder: string,
    readonly files: DispatchFiles,
    readonly launched: Launched,
  ) {}

  static async start(script: AgentScript, options: SessionOptions = {}, host = SESSION_HOST): Promise<HostedSession> {
    const root = await realpath(await mkdtemp(path.join(tmpdir(), 'session-')));
    const folder = path.join(root, 'work');
    await mkdir(folder);
    const scriptFile = path.join(root, 'script.json');
    await writeFile(scriptFile, JSON.stringify(script));
    await writeFile(path.join(root, 'journal'), '');
    const argv = [process.execPath, SCRIPTED_AGENT, scriptFile, path.join(root, 'journal')];
    const env = { PATH: process.env['PATH'] ?? '', HOME: root };
    return await HostedSession.run({ root, folder, argv, env }, options, host);
  }

  /** Of any program. Folders are made by the caller; `dispose` removes `root`. */
  static async run(
    { root, folder, argv, env, id = 'd1' }: ProgramOfSession,
    options: SessionOptions = {},
    host = SESSION_HOST,
  ): Promise<HostedSession> {
    const files = await makeDispatchFiles(path.join(root, 'storage'), id);
    await writeFile(files.prompt, options.prompt ?? 'Do it');
    const { timeLimitMs = null, prompt: _, ...session } = options;
    const request: SessionLaunchRequest = {
      argv,
      cwd: folder,
      env,
      stdinFile: files.prompt,
      timeLimitMs,
      graceMs: 500,
      logLimitBytes: 0,
      session: {
        resume: null,
        newPrompt: null,
        askMode: 'ask',
        model: null,
        project: folder,
        policy: 'freeInside',
        rules: [],
        commands: [],
        mcpServers: [],
        usage: 'turn',
        lingerMs: 0,
        ...session,
      },
    };
    const launched = await launch(() => true, host, request, files);
    return new HostedSession(root, folder, files, launched);
  }

  state(): Promise<SessionState | undefined> {
    return readSessionState(this.files);
  }

  /** The first state that this is true of. */
  async when(isWanted: (state: SessionState) => boolean): Promise<SessionState> {
    const state = await until(
      () => this.state(),
      (found) => found !== undefined && isWanted(found),
    );
    if (state === undefined) throw new Error('there is no state');
    return state;
  }

  /** The first open request. */
  async request(): Promise<OpenRequest> {
    const { requests } = await this.when((state) => state.requests.length > 0);
    const [request] = requests;
    if (request === undefined) throw new Error('there is no request');
    return request;
  }

  async give(command: SessionCommand): Promise<Awaited<ReturnType<typeof giveCommand>>> {
    return await giveCommand(this.files, command);
  }

  async ended(): Promise<ExitRecord> {
    await this.launched.gone;
    const exit = proven(await readExit(this.files));
    if (exit === undefined) throw new Error('there is no exit record');
    return exit;
  }

  async log(): Promise<SessionLogLine[]> {
    const lines = (await readFile(this.files.log, 'utf8')).trimEnd().split('\n');
    return lines.map((line) => sessionLogLine.parse(JSON.parse(line)));
  }

  /** What the agent was sent. */
  async journal(): Promise<{ readonly method?: string; readonly params?: unknown; readonly result?: unknown }[]> {
    const text = await readFile(path.join(this.root, 'journal'), 'utf8');
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { method?: string });
  }

  /** The texts of the prompts that the agent was sent. */
  async prompts(): Promise<string[]> {
    const sent = (await this.journal()).filter(({ method }) => method === 'session/prompt');
    return sent.map(({ params }) => (params as { prompt: { text: string }[] }).prompt[0]?.text ?? '');
  }

  async dispose(): Promise<void> {
    await endAgentProcesses(this.files, 100);
    await rm(this.root, { recursive: true, force: true });
  }
}

/** Starts sessions and ends them after each test. */
export function hostedSessions(): (script: AgentScript, options?: SessionOptions) => Promise<HostedSession> {
  const sessions: HostedSession[] = [];
  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.dispose();
  });
  return async (script, options) => {
    const session = await HostedSession.start({ ...ASKING, ...script }, options);
    sessions.push(session);
    return session;
  };
}
