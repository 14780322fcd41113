/** Opens a session: the greeting, a new or an earlier conversation, and the mode in which the agent asks. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SessionRequest } from './sessionOrder';
import { AgentError, type Connection } from './connection/connection';
import {
  initializeResult,
  PROTOCOL_VERSION,
  sessionResult,
  type ConfigOption,
  type SessionResult,
} from './connection/protocol';
import type { SessionLogWriter } from './connection/sessionLogWriter';

/** Set by the build. */
const VERSION = process.env.INTERCORE_VERSION ?? '0.0.0';

/** An agent may answer `session/load` before it has repeated the whole conversation. */
const REPLAY_REST_MS = 2000;

/** Why a session could not be opened, beyond what the agent answers. */
const UNUSABLE = -32098;

export interface Opened {
  readonly sessionId: string;
  readonly how: 'new' | 'load' | 'resume';
  readonly agent: string;
  readonly canResume: boolean;
  readonly canSteer: boolean;
  /** Whether its prompts may have embedded content. */
  readonly canEmbed: boolean;
  /** The mode of the session, as the agent says. */
  readonly mode: string | null;
  /** Whether the agent is in its ask mode. */
  readonly asks: boolean;
}

export class Opening {
  constructor(
    private readonly connection: Connection,
    private readonly log: SessionLogWriter,
    private readonly request: SessionRequest,
    private readonly cwd: string,
  ) {}

  /** @throws AgentError */
  async open(): Promise<Opened> {
    const greeting = initializeResult.parse(
      await this.connection.request('initialize', {
        protocolVersion: PROTOCOL_VERSION,
        // Agents use their own files and shells: the host has no unsaved text, and ends with its agent.
        clientCapabilities: {
          fs: { readTextFile: false, writeTextFile: false },
          terminal: false,
          elicitation: { form: {} },
        },
        clientInfo: { name: 'intercore', title: 'Intercore', version: VERSION },
      }),
    );
    if (greeting.protocolVersion !== PROTOCOL_VERSION) {
      const version = greeting.protocolVersion;
      throw new AgentError(UNUSABLE, `the agent speaks version ${version} of the protocol, not ${PROTOCOL_VERSION}`);
    }
    const { agentInfo, agentCapabilities, _meta } = greeting;
    const canResume = agentCapabilities?.sessionCapabilities?.resume === true;
    const canLoad = agentCapabilities?.loadSession === true;
    const { sessionId, how, result } = await this.session(canResume, canLoad);
    const mode = await this.askMode(sessionId, result);
    return {
      sessionId,
      how,
      agent: [agentInfo?.title ?? agentInfo?.name, agentInfo?.version].filter((part) => part !== undefined).join(' '),
      canResume: canResume || canLoad,
      canEmbed: agentCapabilities?.promptCapabilities?.embeddedContext === true,
      canSteer: _meta?.steering?.supported === true,
      mode: mode ?? null,
      asks: this.request.askMode !== null && mode === this.request.askMode,
    };
  }

  private async session(
    canResume: boolean,
    canLoad: boolean,
  ): Promise<Pick<Opened, 'sessionId' | 'how'> & { readonly result: SessionResult }> {
    const { resume, mcpServers } = this.request;
    const place = { cwd: this.cwd, mcpServers };
    if (resume !== null && (canResume || canLoad)) {
      const how = canResume ? 'resume' : 'load';
      try {
        return { sessionId: resume, how, result: await this.earlier(how, { sessionId: resume, ...place }) };
      } catch (error) {
        // An agent forgets sessions; the work goes into a new one, which the log shows.
        if (!(error instanceof AgentError)) throw error;
      }
    }
    const result = sessionResult.parse(await this.connection.request('session/new', place));
    if (result.sessionId === undefined) throw new AgentError(UNUSABLE, 'the agent did not name the session');
    return { sessionId: result.sessionId, how: 'new', result };
  }

  private async earlier(how: 'resume' | 'load', params: object): Promise<SessionResult> {
    if (how === 'resume') return sessionResult.parse((await this.connection.request('session/resume', params)) ?? {});
    this.log.write({ type: 'replaying', isOn: true });
    try {
      const result = await this.connection.request('session/load', params);
      await delay(REPLAY_REST_MS);
      return sessionResult.parse(result ?? {});
    } finally {
      this.log.write({ type: 'replaying', isOn: false });
    }
  }

  /** Sets the ask mode and the model, and returns the mode as it was read back; undefined if that was not possible. */
  private async askMode(sessionId: string, session: SessionResult): Promise<string | undefined> {
    const { askMode, model } = this.request;
    let options = session.configOptions ?? [];
    if (model !== null) options = await this.setOption(sessionId, options, 'model', model);
    if (askMode === null) return modeOf(options) ?? session.modes?.currentModeId;
    if (optionOf(options, 'mode') !== undefined) {
      if (modeOf(options) === askMode) return askMode;
      return modeOf(await this.setOption(sessionId, options, 'mode', askMode));
    }
    if (session.modes?.currentModeId === askMode) return askMode;
    if (session.modes?.availableModes?.some(({ id }) => id === askMode) !== true) return session.modes?.currentModeId;
    // The answer has no mode. An agent that switches back says so in an update.
    return await this.connection.request('session/set_mode', { sessionId, modeId: askMode }).then(
      () => askMode,
      (error: unknown) => {
        if (error instanceof AgentError) return session.modes?.currentModeId;
        throw error;
      },
    );
  }

  /** The options as they are then. An agent that refuses keeps its own. */
  private async setOption(
    sessionId: string,
    options: readonly ConfigOption[],
    category: string,
    value: string,
  ): Promise<readonly ConfigOption[]> {
    const option = optionOf(options, category);
    if (option === undefined || option.currentValue === value) return options;
    try {
      const params = { sessionId, configId: option.id, value };
      const answer = await this.connection.request('session/set_config_option', params);
      return sessionResult.parse(answer ?? {}).configOptions ?? [];
    } catch (error) {
      if (error instanceof AgentError) return options;
      throw error;
    }
  }
}

/** The value of the option that is the mode. */
export function modeOf(options: readonly ConfigOption[]): string | undefined {
  const value = optionOf(options, 'mode')?.currentValue;
  return typeof value === 'string' ? value : undefined;
}

/** Categories are hints only, so the id counts first. */
function optionOf(options: readonly ConfigOption[], category: string): ConfigOption | undefined {
  return options.find(({ id }) => id === category) ?? options.find((option) => option.category === category);
}
