/** The same life of a task for each kind of the real CLIs, offline: plan, work, proof, a retry, a limit, and the merge. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runsInSession, type AgentKind } from '../../../../src/contract/agentKinds';
import { AccountHolds } from '../../../../src/host/state/accountHolds';
import { findDispatchFiles } from '../../../../src/host/launcher/dispatchFiles';
import { giveCommand, readSessionState } from '../../../../src/host/session/files/sessionFiles';
import { dispatchProcess } from '../../../../src/kernel/dispatch/service';
import { runningAgentRuns } from '../../../../src/kernel/tasks/subtask/agentRuns';
import type { Task } from '../../../../src/kernel/tasks/record/model';
import { BUILT_IN_AGENT_KINDS } from '../../../../src/services/agents/builtInKinds';
import { mergeOnThisMachine } from '../../../../src/services/tasks/landing/branchLanding';
import * as environments from '../../../support/agents/environment';
import { installAgent } from '../../../support/agents/install';
import { escalate, failure, reply, run, say, type Script, type Step, type Turn } from '../../../support/agents/script';
import { startModelServer, type ModelServer } from '../../../support/agents/server';
import { describeLong } from '../../../support/long';
import { SESSION_HOST } from '../../../support/sessions/hostedSession';
import { installedAgent, realAgent } from '../../../support/sessions/realAgents';
import { TaskFixture } from '../../../support/tasks/taskFixture';

const SOURCE = path.resolve(__dirname, '../../../../..');
const ENVIRONMENTS = { claude: environments.claudeEnvironment, codex: environments.codexEnvironment };

/** How often each CLI asks again after a refusal. */
const RETRIES = 1;

interface Life {
  readonly kind: string;
  readonly cli: 'claude' | 'codex';
}

const LIVES: readonly Life[] = [
  { kind: 'claude', cli: 'claude' },
  { kind: 'codex', cli: 'codex' },
  { kind: 'claude-acp', cli: 'claude' },
  { kind: 'codex-acp', cli: 'codex' },
];

/** The kind with its program and the environment of the test; or why it is skipped. */
async function kindOf({ kind: name, cli }: Life, url: string, home: string): Promise<AgentKind | { reason: string }> {
  const env = await ENVIRONMENTS[cli]({ url, home, retries: RETRIES });
  const builtIn = BUILT_IN_AGENT_KINDS.find((kind) => kind.name === name) ?? assert.fail(`no kind ${name}`);
  if (!runsInSession(builtIn)) {
    const found = await installAgent(cli);
    return found.kind === 'installed' ? { ...builtIn, command: found.binary, env } : found;
  }
  const found = await installedAgent(realAgent(name));
  if ('reason' in found) return found;
  const [command = '', ...args] = found.argv;
  return { ...builtIn, command, args, env: { ...env, ...found.env } };
}

/** What the model says: the worker's first work is not proven, and a limit interrupts the second. */
function scriptsOf(isSession: boolean): Script[] {
  const does = (command: string): Turn =>
    reply([isSession ? escalate(command) : run(command)], { input: 10, output: 5 });
  const ends = (...steps: Step[]): Turn => reply(steps, { input: 10, output: 5 });
  const commit = [does('git add --all'), does('git commit -m Work')];
  const first = [does('echo a > a.txt'), ...commit, does('ic subtask close'), ends(say('Done.'))];
  const limit = failure(429, { message: 'Too many requests, try again in 1 second.', retryAfterSeconds: 1 });
  const limits = Array.from({ length: RETRIES + 1 }, () => limit);
  const second = [does('echo b > proof.txt'), ...commit, ...limits, does('ic subtask close'), ends(say('Done.'))];
  const plan = [does('ic subtask create --title="Write A"'), ends(say('The plan is written.'))];
  const work = { prompt: '# Implementation task' };
  return [
    { name: 'planner', prompt: '# Planning task', turns: plan },
    ...(isSession
      ? [{ name: 'worker', ...work, turns: [...first, ...second] }]
      : [
          { name: 'first worker', ...work, turns: first, conversations: 1 },
          { name: 'second worker', ...work, turns: second },
        ]),
  ];
}

describeLong('a task with real agents', function () {
  this.timeout(400_000);
  let fixture: TaskFixture;
  let models: ModelServer;

  afterEach(async () => {
    await fixture.close();
    await models.close();
  });

  const attemptsOf = (task: Task) => {
    const [subtask] = fixture.read(task).subtasks;
    return subtask === undefined ? [] : fixture.attempts(task, subtask.id);
  };

  /** Allows what agents ask, as a person would, and adds the titles. */
  async function allowAsked(titles: string[]): Promise<void> {
    for (const { dispatchId } of fixture.kernel.read((r) => runningAgentRuns(r))) {
      const files = dispatchId === null ? undefined : await findDispatchFiles([fixture.stage.storage], dispatchId);
      for (const { number, title } of (files && (await readSessionState(files))?.requests) ?? []) {
        if (files === undefined) continue;
        const { kind } = await giveCommand(files, { kind: 'answer', number, answer: 'allow', by: 'Ada' });
        if (kind === 'given') titles.push(title);
      }
    }
  }

  for (const life of LIVES) {
    it(`goes from a plan to the merge with ${life.kind}`, async function () {
      const isSession = life.kind.endsWith('-acp');
      models = await startModelServer(scriptsOf(isSession));
      fixture = await TaskFixture.open();
      const kind = await kindOf(life, models.url, path.join(fixture.stage.root, 'agent-home'));
      if ('reason' in kind) {
        console.warn(`      skipped: ${kind.reason}`);
        return this.skip();
      }
      const prompt = (name: string) => path.join(SOURCE, 'prompts', `${name}.md`);
      fixture.settings = {
        ...fixture.settings,
        planner: kind.name,
        worker: kind.name,
        checks: [['test', '-f', 'proof.txt']],
        plannerPrompt: prompt('planner'),
        workerPrompt: prompt('worker'),
      };
      const accounts = new AccountHolds(path.join(fixture.stage.root, 'accounts'));
      const deps = fixture.deps(fixture.dispatcher([kind], { sessionHostPath: SESSION_HOST, accounts }));
      fixture.start(deps.dispatcher);
      const task = await fixture.task({ autoStart: true });
      const titles: string[] = [];
      while (!isSettled(task)) {
        await allowAsked(titles);
        await pause(50);
      }
      const results = models.requests.flatMap(({ results }) => results.map(({ output }) => output));
      const facts = JSON.stringify([fixture.read(task), attemptsOf(task), models.errors, titles, results]);
      assert.deepEqual(
        attemptsOf(task).map(({ attempt, status }) => [attempt, status]),
        [
          [1, 'FAILED'],
          [2, 'SUCCEEDED'],
        ],
        facts,
      );
      assert.deepEqual(models.errors, []);
      // Everything else that they did is free inside the worktree.
      assert.deepEqual(
        titles.map((title) => /echo \w > [\w.]+/.exec(title)?.[0]),
        isSession ? ['echo a > a.txt', 'echo b > proof.txt'] : [],
      );
      const sessions = attemptsOf(task).map(
        ({ dispatchId }) => fixture.kernel.read((r) => dispatchProcess(r, dispatchId ?? ''))?.sessionId,
      );
      assert.equal(new Set(sessions).size, isSession ? 1 : 2, facts);
      await mergeOnThisMachine(deps, fixture.read(task).subtasks[0]?.id ?? '');
      assert.equal(fixture.read(task).task.status, 'DONE');
      assert.equal(await fixture.git('show', 'main:proof.txt'), 'b');
    });
  }

  function isSettled(task: Task): boolean {
    const { task: now, subtasks } = fixture.read(task);
    const [subtask] = subtasks;
    const isEnded = now.status === 'PLANNING_FAILED' || subtask?.blockedReason === 'FAILURE';
    return isEnded || subtask?.status === 'COMPLETED';
  }
});
