/** What is killed in each state of a session, and what must hold of its dispatch, its processes, and its answers then. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SessionCommand, SessionState } from '../../../src/contract/sessions';
import type { DispatchFiles } from '../../../src/host/launcher/dispatchFiles';
import { silentLog } from '../../../src/host/log';
import { proven, readStarted, type StartedRecord } from '../../../src/host/launcher/launchRecord';
import { MARK_VARIABLE, variableOfAll } from '../../../src/host/process/processIdentity';
import { giveCommand, readSessionState } from '../../../src/host/session/files/sessionFiles';
import type { Dispatch } from '../../../src/kernel/dispatch/model';
import type { Dispatcher } from '../../../src/services/dispatch/dispatcher';
import { FolderSessions } from '../../../src/services/attention/sessions/folderSessions';
import { observeSessions } from '../../../src/services/attention/sessions/observedSession';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import { ended, PATIENCE_MS, Stage } from '../../support/dispatch/dispatchFixture';
import { filesOfDispatch } from '../../support/dispatch/ownFiles';
import { itLongIf } from '../../support/long';
import { SESSION_HOST } from '../../support/sessions/hostedSession';
import type { AgentScript } from '../../support/sessions/scriptedAgent';
import { scriptedKind } from '../../support/sessions/scriptedKind';
import { until } from '../../support/until';

const person = { by: 'ada' } as const;
const ASK = { ask: { kind: 'execute', title: 'npm test', rawInput: { command: 'npm test' } } };
const requestedSchema = { type: 'object', properties: { style: { type: 'string' } } };
const QUESTION = { question: { mode: 'form', message: 'Tabs or spaces?', requestedSchema } };
const TALKING = [{ say: 'a' }, { untilCancel: true }] as const;
const allow = { kind: 'answer', number: 1, answer: 'allow', ...person } as const;
const accept = { kind: 'answer', number: 1, answer: 'accept', values: { style: 'tabs' }, ...person } as const;
const say = { kind: 'say', id: 's1', text: 'And b', when: 'afterTurn', ...person } as const;
const cancel = { kind: 'cancel', ...person } as const;
const pause = { kind: 'pause', ...person } as const;
const resume = { kind: 'resume', ...person } as const;
const NOT_SENT = /not sent to the agent: “And b” \(ada\)$/;
const close = { kind: 'close', ...person } as const;

/** Given to a session, or waited for. */
type Step = SessionCommand | ((state: SessionState) => boolean);
const asksIt = ({ requests }: SessionState): boolean => requests.length > 0;
const talks = ({ activity }: SessionState): boolean => activity === 'a';
const isIn =
  (phase: SessionState['phase']) =>
  (state: SessionState): boolean =>
    state.phase === phase;

interface Case {
  readonly script: AgentScript;
  /** How the state is reached. */
  readonly steps: readonly Step[];
  /** What lets the session end well, or by cancellation, where nothing was killed. */
  readonly rest: readonly SessionCommand[];
  readonly end: Dispatch['status'];
  readonly prompts: readonly string[];
  /** What the reason of the dispatch says was not carried out, where a process is killed. */
  readonly lost?: RegExp;
}

const STATES: Readonly<Record<string, Case>> = {
  opening: {
    script: { turns: [[]], hangsAt: 'session/new' },
    steps: [isIn('starting')],
    rest: [close],
    end: 'failed',
    prompts: [],
  },
  running: {
    script: { turns: [TALKING, []] },
    steps: [talks],
    rest: [{ ...say, when: 'instead' }],
    end: 'completed',
    prompts: ['Do it', 'And b'],
  },
  'permission requested': {
    script: { turns: [[ASK]] },
    steps: [asksIt],
    rest: [allow],
    end: 'completed',
    prompts: ['Do it'],
  },
  'question asked': {
    script: { turns: [[QUESTION]] },
    steps: [asksIt],
    rest: [accept],
    end: 'completed',
    prompts: ['Do it'],
  },
  paused: {
    script: { turns: [[ASK], []] },
    steps: [asksIt, pause, say, ({ waiting }) => waiting.length === 1, allow, isIn('paused')],
    rest: [resume],
    end: 'completed',
    prompts: ['Do it', 'And b'],
    lost: NOT_SENT,
  },
  'text waiting': {
    script: { turns: [[ASK], []] },
    steps: [asksIt, say, ({ waiting }) => waiting.length === 1],
    rest: [allow],
    end: 'completed',
    prompts: ['Do it', 'And b'],
    lost: NOT_SENT,
  },
  'turn canceled': {
    script: { turns: [TALKING, []] },
    steps: [talks, cancel, isIn('idle')],
    rest: [say],
    end: 'completed',
    prompts: ['Do it', 'And b'],
  },
  ending: {
    script: { turns: [[]], ignoresClose: true },
    steps: [isIn('closing')],
    rest: [],
    end: 'completed',
    prompts: ['Do it'],
  },
};

type Victim = 'host' | 'agent' | 'window';
const VICTIMS: readonly (readonly Victim[])[] = [
  ['host'],
  ['agent'],
  ['window'],
  ['host', 'agent'],
  ['agent', 'host'],
  ['window', 'host'],
  ['window', 'agent'],
];
/** One of each state and of each victim; the long run has all. */
const EVERY_RUN = new Set([
  'opening: host',
  'running: agent',
  'permission requested: window',
  'question asked: host',
  'paused: window,host',
  'text waiting: host',
  'turn canceled: agent',
  'ending: host,agent',
]);

describe('what is killed in a session', function () {
  this.timeout(PATIENCE_MS);
  let stage: Stage;
  let kernel: ProjectKernel;
  let count = 0;

  before(async () => {
    stage = await Stage.open();
    kernel = await stage.kernel();
  });
  after(() => stage.close());

  class Played {
    private constructor(
      readonly name: string,
      readonly id: string,
      readonly files: DispatchFiles,
      readonly started: StartedRecord,
      public dispatcher: Dispatcher,
    ) {}

    static async start(script: AgentScript): Promise<Played> {
      const name = `scripted${(count += 1)}`;
      const dispatcher = Played.window([await scriptedKind(stage.root, script, name)]);
      const { id } = await dispatcher.start(kernel, { kind: name, prompt: 'Do it', agent: 'none' });
      const files = await filesOfDispatch(stage.storage, id);
      const started = proven(await readStarted(files));
      assert.ok(started?.agent);
      return new Played(name, id, files, started, dispatcher);
    }

    static window(kinds: Parameters<Stage['dispatcher']>[1]): Dispatcher {
      return stage.dispatcher({ sessionHostPath: SESSION_HOST, graceMs: () => 50 }, kinds);
    }

    async play(steps: readonly Step[]): Promise<void> {
      for (const step of steps) {
        if (typeof step !== 'function') await giveCommand(this.files, step);
        else {
          await until(
            () => readSessionState(this.files),
            (state) => state !== undefined && step(state),
          );
        }
      }
    }

    async kill(victims: readonly Victim[]): Promise<void> {
      for (const victim of victims) {
        if (victim === 'window') await this.dispatcher.dispose();
        else {
          const target = victim === 'host' ? this.started.launcher : this.started.agent;
          process.kill(target?.pid ?? assert.fail(), 'SIGKILL');
        }
      }
      if (!victims.includes('window')) return;
      this.dispatcher = Played.window([await scriptedKind(stage.root, { turns: [] }, `${this.name}-later`)]);
      await this.dispatcher.adopt(kernel);
    }

    async ended(): Promise<Dispatch> {
      const dispatch = await ended(this.dispatcher, kernel, this.id);
      const marks = [...(await variableOfAll(MARK_VARIABLE)).values()];
      assert.equal(marks.includes(this.files.mark), false, 'a process of the dispatch still runs');
      return dispatch;
    }

    /** The texts of the prompts that the agent was sent. */
    async prompts(): Promise<string[]> {
      const lines = (await readFile(path.join(stage.root, `${this.name}-journal`), 'utf8')).split('\n').filter(Boolean);
      return lines.flatMap((line) => {
        const { method, params } = JSON.parse(line) as { method?: string; params?: { prompt?: { text: string }[] } };
        return method === 'session/prompt' ? [params?.prompt?.[0]?.text ?? ''] : [];
      });
    }
  }

  for (const [state, { script, steps, rest, end, prompts, lost }] of Object.entries(STATES)) {
    for (const victims of VICTIMS) {
      const isLonger = !EVERY_RUN.has(`${state}: ${victims.join()}`);
      itLongIf(isLonger)(`${state}: ${victims.join(' and ')}`, async () => {
        const session = await Played.start(script);
        await session.play(steps);
        const before = await session.prompts();
        await session.kill(victims);
        if (victims.join() === 'window') {
          await session.play(rest);
          assert.equal((await session.ended()).status, end);
          assert.deepEqual(await session.prompts(), prompts);
          return;
        }
        const { status, errorMessage } = await session.ended();
        assert.deepEqual(await session.prompts(), before);
        // An agent that has done its work may be killed while it closes.
        const isDone = state === 'ending' && !victims.includes('host');
        assert.equal(status, isDone ? 'completed' : 'failed');
        if (!isDone)
          assert.match(
            errorMessage ?? '',
            lost ?? (victims.includes('agent') ? /SIGKILL|process gone/ : /process gone/),
          );
      });
    }
  }

  it('shows no request of a host that was killed, before its dispatch has settled', async () => {
    const session = await Played.start({ turns: [[ASK]] });
    await session.play([asksIt]);
    await session.dispatcher.dispose();
    const onChanged = (): void => undefined;
    const watch = new FolderSessions({ kernel, log: silentLog, storages: () => [stage.storage], onChanged });
    const shown = (): Promise<number> => Promise.resolve(watch.sessions.get(session.id)?.requests.length ?? 0);
    await watch.look();
    assert.equal(await shown(), 1);
    await session.kill(['host']);
    await until(shown, (count) => count === 0);
    const now = (await observeSessions([stage.storage], kernel)).get(session.id);
    assert.equal(now?.isTalking, false);
    assert.deepEqual(now.requests, []);
    watch.dispose();
    await session.kill(['window']);
    assert.equal((await session.ended()).status, 'failed');
  });

  it('reports an answer and a text that the host did not live to take', async () => {
    const session = await Played.start({ turns: [[ASK, QUESTION]] });
    await session.play([asksIt]);
    process.kill(session.started.launcher.pid, 'SIGSTOP');
    await session.play([allow, say]);
    await session.kill(['host']);
    const { errorMessage } = await session.ended();
    assert.match(
      errorMessage ?? '',
      /answer “allow” \(ada\) to request 1 is void · not sent to the agent: “And b” \(ada\)$/,
    );
  });
});
