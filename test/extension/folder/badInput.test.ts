/** Whatever a command is given, it answers with a code and changes nothing (`docs/design/editor.md`). */
import assert from 'node:assert/strict';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import type { CommandId } from '../../../src/contract/surfaces/commands';
import type { ErrorCode } from '../../../src/kernel/errors/errors';
import { MAX_GOAL_LENGTH } from '../../../src/kernel/run/record/model';
import * as vscode from 'vscode';
import { dump, openFolder, refuses, withDatabase } from '../../support/extension/window';

/** What a case may name: an active run, runs that are over, an ended dispatch. */
interface Ids {
  readonly active: string;
  readonly cancelled: string;
  readonly completed: string;
  readonly ended: string;
}

interface Case {
  readonly what: string;
  readonly id: CommandId;
  readonly args: (ids: Ids) => Record<string, unknown>;
  readonly code: ErrorCode;
}

const UNKNOWN = 'zzzzzzzz';

const takesRun: readonly (readonly [CommandId, Record<string, unknown>])[] = [
  ['intercore.run.advance', {}],
  ['intercore.run.skip', { phase: 'review', reason: 'why' }],
  ['intercore.run.rollback', { toPhase: 'planned', confirm: true }],
  ['intercore.run.cancel', { confirm: true }],
  ['intercore.run.setGoal', { goal: 'other' }],
  ['intercore.run.setBudget', { tokenBudget: 1 }],
  ['intercore.run.next', {}],
  ['intercore.run.show', {}],
  ['intercore.run.showEvents', {}],
  ['intercore.run.reveal', {}],
  ['intercore.run.copyId', {}],
  ['intercore.gate.check', {}],
  ['intercore.gate.override', { reason: 'why' }],
  ['intercore.gate.showEvidence', { eventId: 1 }],
  ['intercore.artifact.add', { paths: ['README.md'] }],
  ['intercore.artifact.open', { artifactId: UNKNOWN }],
  ['intercore.agent.add', { name: 'a' }],
  ['intercore.dispatch.start', { kind: 'shell', prompt: 'true' }],
];

const takesDispatch: readonly (readonly [CommandId, Record<string, unknown>])[] = [
  ['intercore.dispatch.kill', { confirm: true }],
  ['intercore.dispatch.showLog', {}],
  ['intercore.dispatch.openPrompt', {}],
  ['intercore.dispatch.reveal', {}],
  ['intercore.dispatch.copyId', {}],
];

const invalid = (what: string, id: CommandId, args: Record<string, unknown>): Case => ({
  what,
  id,
  args: ({ active }) => ({ ...(id === 'intercore.run.create' ? {} : { runId: active }), ...args }),
  code: 'INVALID_ARGUMENT',
});

const CASES: readonly Case[] = [
  ...takesRun.map(([id, rest]): Case => ({
    what: 'an unknown run',
    id,
    args: () => ({ runId: UNKNOWN, ...rest }),
    code: 'NOT_FOUND',
  })),
  ...takesDispatch.map(([id, rest]): Case => ({
    what: 'an unknown dispatch',
    id,
    args: () => ({ dispatchId: UNKNOWN, ...rest }),
    code: 'NOT_FOUND',
  })),
  {
    what: 'an unknown agent',
    id: 'intercore.agent.update',
    args: () => ({ agentId: UNKNOWN, status: 'failed' }),
    code: 'NOT_FOUND',
  },
  {
    what: 'a folder that is not open',
    id: 'intercore.run.create',
    args: () => ({ folder: '/nowhere', goal: 'x' }),
    code: 'NOT_FOUND',
  },
  invalid('an empty goal', 'intercore.run.create', { goal: '  ' }),
  invalid('a huge goal', 'intercore.run.create', { goal: 'x'.repeat(MAX_GOAL_LENGTH + 1) }),
  invalid('a chain of one phase', 'intercore.run.create', { goal: 'x', phases: ['done'] }),
  invalid('a chain with a phase twice', 'intercore.run.create', { goal: 'x', phases: ['a', 'b', 'a'] }),
  invalid('a phase with a space', 'intercore.run.create', { goal: 'x', phases: ['a b', 'c'] }),
  invalid('a complexity of six', 'intercore.run.create', { goal: 'x', complexity: 6 }),
  invalid('a budget of zero', 'intercore.run.create', { goal: 'x', tokenBudget: 0 }),
  invalid('half a token', 'intercore.run.setBudget', { tokenBudget: 0.5 }),
  invalid('a warning at 100 percent', 'intercore.run.setBudget', { tokenBudget: 5, budgetWarnPct: 100 }),
  invalid('a misspelled field', 'intercore.run.setGoal', { goall: 'x' }),
  invalid('an empty goal', 'intercore.run.setGoal', { goal: '' }),
  invalid('no reason', 'intercore.gate.override', { reason: ' ' }),
  invalid('no file', 'intercore.artifact.add', { paths: [] }),
  invalid('no prompt', 'intercore.dispatch.start', { kind: 'shell', prompt: '' }),
  invalid('two prompts', 'intercore.dispatch.start', { kind: 'shell', prompt: 'true', promptFile: 'README.md' }),
  invalid('a negative time limit', 'intercore.dispatch.start', { kind: 'shell', prompt: 'true', timeLimitMinutes: -1 }),
  { what: 'a number for a run', id: 'intercore.run.show', args: () => ({ runId: 7 }), code: 'INVALID_ARGUMENT' },
  {
    what: 'a file outside',
    id: 'intercore.artifact.add',
    args: ({ active }) => ({ runId: active, paths: ['README.md', '../secret'] }),
    code: 'PATH_OUTSIDE',
  },
  {
    what: 'an absolute path outside',
    id: 'intercore.artifact.add',
    args: ({ active }) => ({ runId: active, paths: ['/etc/passwd'] }),
    code: 'PATH_OUTSIDE',
  },
  {
    what: 'a foreign phase',
    id: 'intercore.artifact.add',
    args: ({ active }) => ({ runId: active, paths: ['README.md'], phase: 'polish' }),
    code: 'PHASE_NOT_IN_CHAIN',
  },
  {
    what: 'a foreign phase',
    id: 'intercore.run.skip',
    args: ({ active }) => ({ runId: active, phase: 'polish', reason: 'x' }),
    code: 'PHASE_NOT_IN_CHAIN',
  },
  {
    what: 'the last phase',
    id: 'intercore.run.skip',
    args: ({ active }) => ({ runId: active, phase: 'done', reason: 'x' }),
    code: 'PHASE_NOT_SKIPPABLE',
  },
  {
    what: 'the current phase',
    id: 'intercore.run.skip',
    args: ({ active }) => ({ runId: active, phase: 'planned', reason: 'x' }),
    code: 'PHASE_NOT_AHEAD',
  },
  {
    what: 'a phase ahead',
    id: 'intercore.run.rollback',
    args: ({ active }) => ({ runId: active, toPhase: 'review', confirm: true }),
    code: 'PHASE_NOT_BEHIND',
  },
  {
    what: 'an unknown agent kind',
    id: 'intercore.dispatch.start',
    args: ({ active }) => ({ runId: active, kind: 'missing', prompt: 'true' }),
    code: 'AGENT_KIND_UNKNOWN',
  },
  {
    what: 'a prompt file that is not there',
    id: 'intercore.dispatch.start',
    args: ({ active }) => ({ runId: active, kind: 'shell', promptFile: 'nothing.md' }),
    code: 'FILE_UNREADABLE',
  },
  {
    what: 'an ended dispatch',
    id: 'intercore.dispatch.kill',
    args: ({ ended }) => ({ dispatchId: ended, confirm: true }),
    code: 'DISPATCH_FINISHED',
  },
  ...(['cancelled', 'completed'] as const).flatMap((over): Case[] => [
    { what: `a ${over} run`, id: 'intercore.run.advance', args: (ids) => ({ runId: ids[over] }), code: 'RUN_TERMINAL' },
    {
      what: `a ${over} run`,
      id: 'intercore.run.skip',
      args: (ids) => ({ runId: ids[over], phase: 'review', reason: 'x' }),
      code: 'RUN_TERMINAL',
    },
    {
      what: `a ${over} run`,
      id: 'intercore.run.cancel',
      args: (ids) => ({ runId: ids[over], confirm: true }),
      code: 'RUN_TERMINAL',
    },
    {
      what: `a ${over} run`,
      id: 'intercore.gate.override',
      args: (ids) => ({ runId: ids[over], reason: 'x' }),
      code: 'RUN_TERMINAL',
    },
    { what: `a ${over} run`, id: 'intercore.gate.check', args: (ids) => ({ runId: ids[over] }), code: 'RUN_TERMINAL' },
    {
      what: `a ${over} run`,
      id: 'intercore.dispatch.start',
      args: (ids) => ({ runId: ids[over], kind: 'shell', prompt: 'true' }),
      code: 'RUN_TERMINAL',
    },
  ]),
];

describe('bad input', () => {
  const folder = openFolder();
  let api: IntercoreApi;
  let ids: Ids;

  before(async () => {
    api = await withDatabase(folder);
    const create = (phases: string[]) => api.runs.create({ folder, goal: 'Bad input', phases });
    const active = await create(['planned', 'executing', 'review', 'done']);
    const cancelled = await create(['planned', 'executing', 'review', 'done']);
    await api.runs.cancel({ folder, runId: cancelled.id });
    const completed = await create(['review', 'done']);
    await api.gates.override({ folder, runId: completed.id, reason: 'over' });
    const started = await api.dispatches.start({ folder, runId: active.id, kind: 'shell', prompt: 'true' });
    const ended = await api.dispatches.wait({ folder, dispatchId: started.id });
    ids = { active: active.id, cancelled: cancelled.id, completed: completed.id, ended: ended.id };
    assert.equal((await api.runs.get({ runId: completed.id })).status, 'completed');
  });

  for (const { what, id, args, code } of CASES) {
    it(`${id} refuses ${what} with ${code} and changes nothing`, async () => {
      const before = await dump(api, folder);
      await refuses(code, vscode.commands.executeCommand(id, args(ids)));
      assert.deepEqual(await dump(api, folder), before);
    });
  }

  it('is shown to a person once, without rejecting', async () => {
    const row = { kind: 'run', id: 'row', folder, runId: UNKNOWN };
    assert.equal(await vscode.commands.executeCommand('intercore.run.advance', row), undefined);
  });
});
