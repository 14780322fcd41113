/** The same checks for each agent kind: what a real agent does in a session, with a scripted model. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import type { SessionState } from '../../../src/contract/sessions';
import { initializeResult } from '../../../src/host/session/connection/protocol';
import type { SessionLogLine, SessionLogLineOf } from '../../../src/host/session/connection/sessionLog';
import { AGENT_PROGRAMS } from '../../../src/services/agents/programs';
import { escalate, hang, reply, say } from '../agents/script';
import { startModelServer, type ModelServer } from '../agents/server';
import { until } from '../until';
import { HostedSession } from './hostedSession';
import type { KindTraits } from '../../../scripts/kinds/kindTraits';
import type { RealAgent } from './realAgents';

const PROMPT = 'Greet the world';
const USAGE = { input: 1000, cacheRead: 200, output: 40 };
const BY = 'ada';
const LINGER_MS = 600_000;

type Environment = Readonly<Record<string, string>>;

export class KindTrial {
  private said = 0;

  private constructor(
    private readonly agent: RealAgent,
    private readonly argv: readonly string[],
    private readonly env: Environment,
    private readonly root: string,
    private readonly server: ModelServer,
    private session: HostedSession | undefined,
  ) {}

  static async start(
    agent: RealAgent,
    installed: { readonly argv: readonly string[]; readonly env: Environment },
  ): Promise<KindTrial> {
    const root = await realpath(await mkdtemp(path.join(tmpdir(), 'kind-')));
    for (const name of ['work', 'home']) await mkdir(path.join(root, name));
    const folder = path.join(root, 'work');
    await promisify(execFile)('git', ['init', '--quiet', '--initial-branch=main'], { cwd: folder });
    const turns = [
      reply([escalate('echo hello > allowed.txt')], USAGE),
      reply([say('Greeted.')], USAGE),
      reply([escalate('echo hello > denied.txt')], USAGE),
      reply([say('Understood.')], USAGE),
      hang(reply([say('This takes a while.')]), 1),
      reply([say('Back again.')], USAGE),
      reply([say('I remember.')], USAGE),
    ];
    const script = { name: agent.kind.name, prompt: PROMPT, turns, expect: { cwd: folder } };
    const server = await startModelServer([script]);
    const world = { url: server.url, home: path.join(root, 'home'), retries: 1 };
    const env = { ...(await agent.environment(world)), ...installed.env };
    return new KindTrial(agent, installed.argv, env, root, server, undefined);
  }

  /** What the model was asked against the script. */
  get errors(): readonly string[] {
    return this.server.errors;
  }

  async run(): Promise<KindTraits> {
    const first = await this.open(null, 'd1');
    const allows = await this.answersOne('allow', 'allowed.txt');
    await first.when(isIdle);
    const usage = await this.usageSoFar();
    await this.say('Greet the moon');
    const denies = !(await this.answersOne('deny', 'denied.txt'));
    const { canSteer, agentName, asks } = await first.when(isIdle);
    const afterDenial = await this.finishDenied();
    const cancels = await this.cancel();
    await first.give({ kind: 'close', by: BY });
    await first.ended();
    const { promptCapabilities: takes } = await this.greeting();
    const sessionId = (await first.state())?.sessionId ?? null;
    const continues = await this.continueLater(sessionId);
    return {
      agent: agentName,
      asks,
      allows,
      denies,
      afterDenial,
      cancels,
      steers: canSteer,
      continues,
      usage,
      images: takes?.image === true,
      embeddedContext: takes?.embeddedContext === true,
    };
  }

  async dispose(): Promise<void> {
    await this.server.close();
    await this.session?.dispose();
  }

  /** For a test that failed. */
  async log(): Promise<string> {
    return JSON.stringify(await this.lines(), undefined, 1);
  }

  private async open(resume: string | null, id: string, more: Environment = {}): Promise<HostedSession> {
    const { askMode = null, usageMeaning = 'none' } = this.agent.kind.session ?? {};
    const { root, argv } = this;
    const place = { root, folder: path.join(root, 'work'), argv, env: { ...this.env, ...more }, id };
    const options = { askMode, usage: usageMeaning, resume, policy: 'askAll', lingerMs: LINGER_MS } as const;
    this.session = await HostedSession.run(place, { ...options, prompt: PROMPT });
    return this.session;
  }

  private get current(): HostedSession {
    if (this.session === undefined) throw new Error('no session is open');
    return this.session;
  }

  /** Answers the request for the command of the turn; whether its file is there afterwards. */
  private async answersOne(answer: 'allow' | 'deny', file: string): Promise<boolean> {
    const { number } = await this.current.request();
    if (existsSync(path.join(this.root, 'work', file))) throw new Error(`${file} was written before the answer`);
    await this.current.give({ kind: 'answer', number, answer, by: BY });
    await this.current.when(isIdle);
    return existsSync(path.join(this.root, 'work', file));
  }

  private async say(text: string): Promise<void> {
    this.said += 1;
    const turns = (await this.current.state())?.turns ?? 0;
    await this.current.give({ kind: 'say', id: `said-${this.said}`, text, when: 'afterTurn', by: BY });
    await this.current.when((state) => state.turns > turns);
  }

  /** Where the turn ended with the denial, another prompt takes what the model says next. */
  private async finishDenied(): Promise<KindTraits['afterDenial']> {
    const asked = this.server.requests.filter(({ prompt }) => prompt.includes('Greet the moon'));
    if (asked.some(({ results }) => results.length > 1)) return 'continues';
    await this.say('Continue without it');
    await this.current.when(isIdle);
    return 'ends';
  }

  private async cancel(): Promise<boolean> {
    await this.say('Greet the sun');
    await until(
      () => Promise.resolve(this.isHanging),
      (isHanging) => isHanging,
    );
    await this.current.give({ kind: 'cancel', by: BY });
    await this.current.when(isIdle);
    const isCanceled = (await this.ends()).at(-1)?.stopReason === 'cancelled';
    await this.say('Greet the stars');
    await this.current.when(isIdle);
    return isCanceled && (await this.ends()).at(-1)?.stopReason === 'end_turn';
  }

  private get isHanging(): boolean {
    return this.server.requests.at(-1)?.prompt.includes('Greet the sun') === true;
  }

  /** In a process whose clock is later: Gemini CLI finds no session that it made in the same minute. */
  private async continueLater(sessionId: string | null): Promise<KindTraits['continues']> {
    const later = await this.open(sessionId, 'd2', { NODE_OPTIONS: `--require=${await this.laterClock()}` });
    await later.when(isIdle);
    await later.give({ kind: 'close', by: BY });
    await later.ended();
    const opened = (await this.lines()).find((line) => line.type === 'opened');
    const isRemembered = this.server.requests.at(-1)?.prompt.includes('Greet the stars') === true;
    return opened?.type === 'opened' && opened.how !== 'new' && isRemembered ? opened.how : 'no';
  }

  /** A module that moves the clock of Node by ten minutes. */
  private async laterClock(): Promise<string> {
    const file = path.join(this.root, 'laterClock.cjs');
    const text = `
      const RealDate = Date;
      const now = () => RealDate.now() + 600_000;
      globalThis.Date = class extends RealDate {
        constructor(...given) { given.length === 0 ? super(now()) : super(...given); }
        static now() { return now(); }
      };`;
    await writeFile(file, text);
    return file;
  }

  private async usageSoFar(): Promise<KindTraits['usage']> {
    const reader = AGENT_PROGRAMS.acp.reader();
    for (const line of await this.lines()) reader.read(JSON.stringify(line));
    const { inputTokens, outputTokens, cacheHits } = reader.report;
    const isCounted = inputTokens + outputTokens + cacheHits > 0;
    return isCounted ? { input: inputTokens, output: outputTokens, cached: cacheHits } : null;
  }

  private async greeting() {
    const answers = (await this.lines()).flatMap((line) => (line.type === 'received' ? [line.message] : []));
    const answer = answers.find((message) => JSON.stringify(message).includes('"protocolVersion"'));
    const result = typeof answer === 'object' && answer !== null && 'result' in answer ? answer.result : {};
    return initializeResult.parse(result).agentCapabilities ?? {};
  }

  private async ends(): Promise<SessionLogLineOf<'turnEnded'>[]> {
    return (await this.lines()).flatMap((line) => (line.type === 'turnEnded' ? [line] : []));
  }

  private async lines(): Promise<SessionLogLine[]> {
    return await this.current.log();
  }
}

function isIdle({ phase }: SessionState): boolean {
  return phase === 'idle';
}
