/** Every command from beginning to end, called with arguments as another extension would. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import { COMMANDS } from '../../../src/contract/surfaces/commands';
import { VIEW_CONTAINER, VIEWS } from '../../../src/contract/views';
import type { Dispatch } from '../../../src/kernel/dispatch/model';
import type { Run } from '../../../src/kernel/run/record/model';
import type { AdvanceOutcome } from '../../../src/kernel/gate/model';
import type { Agent, Artifact } from '../../../src/kernel/tracking/model';
import { call, openFolder, withDatabase } from '../../support/extension/window';

const CHAIN = ['planned', 'executing', 'review', 'done'];

describe('commands with arguments', () => {
  const folder = openFolder();
  let api: IntercoreApi;
  let runId: string;

  before(async () => {
    api = await withDatabase(folder);
  });

  beforeEach(async () => {
    const run = (await call('intercore.run.create', { folder, goal: 'Ship it', phases: CHAIN })) as Run;
    runId = run.id;
  });

  it('are exactly those of the contract', async () => {
    const ofViews = [VIEW_CONTAINER, ...Object.values(VIEWS)].map((view) => `${view}.`);
    const registered = (await vscode.commands.getCommands(true)).filter((id) => /^intercore\.\w+\.\w+$/.test(id));
    const ours = registered.filter((id) => id in COMMANDS || !ofViews.slice(1).some((view) => id.startsWith(view)));
    assert.deepEqual(ours.sort(), Object.keys(COMMANDS).sort());
  });

  it('create a run of this folder, in the first phase of its chain', async () => {
    const run = await api.runs.get({ folder, runId });
    assert.equal(run.projectDir, folder);
    assert.equal(run.phase, 'planned');
    assert.equal(run.scopeId, runId);
    assert.deepEqual(run.phases, CHAIN);
  });

  it('keep a run in a phase whose artifact is missing, and say what is missing', async () => {
    const outcome = (await call('intercore.run.advance', { folder, runId })) as AdvanceOutcome;
    assert.equal(outcome.advanced, false);
    assert.equal(outcome.eventType, 'block');
    assert.ok(outcome.conditions.some(({ check, result }) => check === 'artifact_exists' && result === 'fail'));
    assert.equal((await api.runs.get({ runId })).phase, 'planned');
  });

  it('advance a run once its artifact is there, with the hash of its content', async () => {
    await writeFile(path.join(folder, 'plan.md'), '# Plan\n');
    const [artifact] = (await call('intercore.artifact.add', { folder, runId, paths: ['plan.md'] })) as Artifact[];
    assert.equal(artifact?.path, 'plan.md');
    assert.equal(artifact.phase, 'planned');
    assert.match(artifact.contentHash ?? '', /^sha256:[0-9a-f]{64}$/);
    const outcome = (await call('intercore.run.advance', { folder, runId })) as AdvanceOutcome;
    assert.equal(outcome.advanced, true);
    assert.equal(outcome.toPhase, 'executing');
  });

  it('add the files of the Explorer to the current run, as paths of the folder', async () => {
    const file = path.join(folder, 'src', 'main.js');
    const uri = vscode.Uri.file(file);
    const added = await vscode.commands.executeCommand<Artifact[]>('intercore.artifact.add', uri, [uri]);
    assert.deepEqual(
      added.map(({ path: stored }) => stored),
      ['src/main.js'],
    );
    const current = await api.runs.current({ folder });
    assert.equal(added[0]?.runId, current?.id);
  });

  it('open an artifact in an editor', async () => {
    const [artifact] = await api.artifacts.add({ runId, paths: ['src/main.js'] });
    assert.ok(artifact);
    await call('intercore.artifact.open', { folder, runId, artifactId: artifact.id });
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, path.join(folder, 'src', 'main.js'));
  });

  it('override a red gate with a reason that is kept', async () => {
    await call('intercore.gate.override', { folder, runId, reason: 'the plan is in the tracker' });
    const events = await api.runs.events({ runId });
    assert.equal(events.at(-1)?.type, 'override');
    assert.match(events.at(-1)?.reason ?? '', /the plan is in the tracker/);
    assert.equal((await api.runs.get({ runId })).phase, 'executing');
  });

  it('skip a phase that is ahead, and roll back to one that is behind', async () => {
    await call('intercore.run.skip', { folder, runId, phase: 'review', reason: 'trivial' });
    await call('intercore.gate.override', { folder, runId, reason: 'on to work' });
    await call('intercore.run.rollback', { folder, runId, toPhase: 'planned', reason: 'rethink', confirm: true });
    assert.equal((await api.runs.get({ runId })).phase, 'planned');
  });

  it('cancel a run for good', async () => {
    await call('intercore.run.cancel', { folder, runId, confirm: true });
    assert.equal((await api.runs.get({ runId })).status, 'cancelled');
  });

  it('set the goal, and set and remove the budget', async () => {
    await call('intercore.run.setGoal', { folder, runId, goal: 'Ship it well' });
    await call('intercore.run.setBudget', { folder, runId, tokenBudget: 5000 });
    const run = await api.runs.get({ runId });
    assert.equal(run.goal, 'Ship it well');
    assert.equal(run.tokenBudget, 5000);
    assert.equal((await api.runs.budget({ runId }))?.budget, 5000);
    await call('intercore.run.setBudget', { folder, runId, tokenBudget: null });
    assert.equal((await api.runs.get({ runId })).tokenBudget, null);
  });

  it('add an agent and set its status', async () => {
    const agent = (await call('intercore.agent.add', { folder, runId, name: 'reviewer' })) as Agent;
    await call('intercore.agent.update', { folder, agentId: agent.id, status: 'completed' });
    const [only] = await api.agents.list({ runId });
    assert.deepEqual({ name: only?.name, status: only?.status }, { name: 'reviewer', status: 'completed' });
  });

  it('show the rules of the gates', async () => {
    const rules = (await call('intercore.gate.rules', {})) as readonly { fromPhase: string }[];
    assert.ok(rules.length > 3);
    const planned = await api.gates.rules({ fromPhase: 'planned' });
    assert.deepEqual(
      rules.filter(({ fromPhase }) => fromPhase === 'planned'),
      planned,
    );
  });

  it('copy the id of a run', async () => {
    await call('intercore.run.copyId', { folder, runId });
    assert.equal(await vscode.env.clipboard.readText(), runId);
  });

  it('start an agent, keep its outcome and count it among the dispatches of the run', async () => {
    const started = (await call('intercore.dispatch.start', {
      folder,
      runId,
      kind: 'shell',
      prompt: 'echo hello from the agent',
      name: 'greeter',
    })) as Dispatch;
    const ended = await api.dispatches.wait({ folder, dispatchId: started.id });
    assert.equal(ended.status, 'completed');
    assert.equal(ended.exitCode, 0);
    const { dispatches } = await api.dispatches.list({ runId });
    assert.deepEqual(
      dispatches.map(({ id }) => id),
      [started.id],
    );
    await call('intercore.dispatch.openPrompt', { folder, dispatchId: started.id });
    assert.match(vscode.window.activeTextEditor?.document.getText() ?? '', /hello from the agent/);
  });

  it('kill an agent that is running', async () => {
    const started = await api.dispatches.start({ folder, runId, kind: 'shell', prompt: 'exec sleep 300' });
    const args = { folder, dispatchId: started.id, reason: 'enough', confirm: true } as const;
    const killed = (await call('intercore.dispatch.kill', args)) as Dispatch;
    assert.equal(killed.status, 'cancelled');
  });

  it('end the agents of a run that is cancelled', async () => {
    const started = await api.dispatches.start({ folder, runId, kind: 'shell', prompt: 'exec sleep 300' });
    await call('intercore.run.cancel', { folder, runId, confirm: true });
    assert.equal((await api.dispatches.get({ dispatchId: started.id })).status, 'cancelled');
  });

  it('show the log and settings, and say where the database is', async () => {
    assert.equal(await call('intercore.log.show', {}), null);
    assert.equal(await call('intercore.settings.open', {}), null);
    const file = await call('intercore.database.open', { folder });
    assert.equal(file, path.join(folder, '.clavain', 'intercore.db'));
  });
});
