/** Who decides: every operation and every command line, for every kind of caller. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { CliCommand, CliDecision } from '../../../src/cli/command/command';
import { allCommands } from '../../../src/cli/table';
import { DECIDED_BY_HAND, decisionOn } from '../../../src/cli/decisions';
import { toolDescriptions } from '../../../src/cli/mcp/tools';
import { OPERATIONS } from '../../../src/contract/surfaces/api';
import {
  CORE_OPERATIONS,
  OPERATION_NAMES,
  SURFACES,
  isExcluded,
  toolNameOf,
} from '../../../src/contract/surfaces/surfaces';
import { isWider, isWidest, verdictOn, type Caller, type Verdict } from '../../../src/services/consent/decisions';

const CALLERS: readonly Caller[] = [
  { kind: 'person' },
  { kind: 'client' },
  { kind: 'model' },
  { kind: 'dispatch', dispatchId: 'd1' },
];

/** What only a person decides, in the words of the threat model: changing this list is a decision. */
const PERSON_DECIDES = [
  ...['database.remove', 'runs.skip', 'gates.override', 'budgets.set'],
  ...['portfolios.overrideGate', 'portfolios.cancel', 'portfolios.removeDependency'],
  ...['portfolios.pauseRelay', 'portfolios.resumeRelay'],
  ...['projects.addFromGitHub', 'projects.freeClone', 'projects.remove', 'projects.trustLocation'],
  ...['projects.relocate', 'projects.changeBase', 'sessions.answer'],
  ...['sessions.pauseAll', 'sessions.resumeAll', 'dispatches.handOver'],
  ...[
    'tasks.delete',
    'tasks.handOver',
    'tasks.setPermissions',
    'subtasks.handOver',
    'subtasks.merge',
    'subtasks.markMerged',
    'subtasks.trustLocation',
    'worktrees.clean',
  ],
  ...['agentKinds.add', 'agentKinds.remove'],
];
const OWNER_DECIDES = [
  ...['runs.rollback', 'runs.cancel', 'dispatches.unqueue', 'dispatches.kill'],
  ...[
    'sessions.say',
    'sessions.editWaiting',
    'sessions.cancel',
    'sessions.pause',
    'sessions.resume',
    'sessions.continue',
    'sessions.queueContinue',
  ],
  ...['tasks.stopPlanning', 'subtasks.stop', 'subtasks.removeDependency', 'subtasks.remove'],
];

/** Command lines that have no operation and that agents may run: they report, or do an agent's own bookkeeping. */
const WITHOUT_OPERATION = [
  ...['agent held', 'agent list', 'hooks list'],
  ...['version', 'health', 'completion', 'mcp', 'lead status', 'compat status', 'compat check'],
  ...['run phase', 'run tokens', 'dispatch poll', 'dispatch transcript', 'portfolio dep list'],
  ...['events cursor list', 'events cursor reset', 'events cursor register'],
  ...['discovery submit', 'discovery status', 'discovery list', 'discovery search', 'discovery score'],
  ...['discovery promote', 'discovery dismiss', 'discovery feedback', 'discovery profile'],
  ...['discovery profile update', 'discovery decay', 'discovery rollback'],
  ...['interspect record', 'interspect query', 'subtask close'],
  ...['state set', 'state get', 'state delete', 'state list', 'state prune'],
  ...['sentinel check', 'sentinel reset', 'sentinel list', 'sentinel prune'],
  ...['lock acquire', 'lock release', 'lock list', 'lock stale', 'lock clean'],
];

describe('who decides', () => {
  /** By the words of each command. */
  let decisions: ReadonlyMap<string, CliDecision | undefined>;
  let commands: readonly CliCommand[];

  before(async () => {
    commands = await allCommands();
    decisions = new Map(commands.map((command) => [command.words.join(' '), decisionOn(command)]));
  });

  for (const caller of CALLERS) {
    it(`on every operation, for a caller that is a ${caller.kind}`, () => {
      for (const name of OPERATION_NAMES) {
        const { decides } = SURFACES[name];
        const all = Object.keys(OPERATIONS[name].shape);
        assert.equal(verdictOn(caller, decides, all), expected(caller, name, true), name);
        assert.equal(verdictOn(caller, decides, []), expected(caller, name, false), name);
      }
    });
  }

  function expected({ kind }: Caller, name: string, withAll: boolean): Verdict {
    if (kind === 'person' || kind === 'client') return 'allowed';
    if (PERSON_DECIDES.includes(name)) return 'refused';
    if (OWNER_DECIDES.includes(name)) return kind === 'dispatch' ? 'ownerDecides' : 'refused';
    return withAll && ['runs.set', 'portfolios.set', 'runs.advance'].includes(name) ? 'refused' : 'allowed';
  }

  it('names arguments that the operations have', () => {
    for (const name of OPERATION_NAMES) {
      const { decides } = SURFACES[name];
      if (typeof decides !== 'object') continue;
      for (const argument of decides.personGives) assert.ok(argument in OPERATIONS[name].shape, `${name}: ${argument}`);
    }
  });

  it('is the same for the command lines of the operations', () => {
    const problems = OPERATION_NAMES.flatMap((name) => {
      const { decides, effect, ic, icArguments = {} } = SURFACES[name];
      if (isExcluded(ic) || decides === 'anyone') return [];
      const own = decisions.get(ic);
      if (decides === 'person') return own === 'person' || ownOf(ic) ? [] : [`${name}: ic ${ic}`];
      if (decides === 'owner') return typeof own === 'object' && 'owner' in own ? [] : [`${name}: ic ${ic}`];
      const flags = decides.personGives
        .filter((argument) => icArguments[argument] === undefined)
        .map((argument) => argument.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
      const given = typeof own === 'object' && 'personGives' in own ? own.personGives : [];
      return flags.filter((flag) => !given.includes(flag)).map((flag) => `${name}: ic ${ic} --${flag} (${effect})`);
    });
    assert.deepEqual(problems, []);
  });

  /** `ic run cancel` cancels a run or a portfolio, and `ic dispatch pause` pauses one or all: none of them is the caller's own. */
  function ownOf(ic: string): boolean {
    const own = decisions.get(ic);
    return (
      ['run cancel', 'dispatch pause', 'dispatch resume'].includes(ic) && typeof own === 'object' && 'owner' in own
    );
  }

  it('is said for every command line that has no operation', () => {
    const withOperation = new Set(OPERATION_NAMES.map((name) => SURFACES[name].ic));
    const names = [...decisions.keys()];
    const undecided = names.filter((name) => !withOperation.has(name) && decisions.get(name) === undefined);
    assert.deepEqual(undecided.sort(), [...WITHOUT_OPERATION].sort());
    const unknown = DECIDED_BY_HAND.filter((name) => !names.includes(name));
    assert.deepEqual(unknown, []);
  });

  it('is asked by the operation on every command line that lets a window start agents', () => {
    const starting = OPERATION_NAMES.filter((name) => {
      const { effect, ic } = SURFACES[name];
      return effect === 'start' && !isExcluded(ic) && !ic.startsWith('dispatch ');
    });
    const found = commands.flatMap(({ operation }) => (operation === undefined ? [] : [operation]));
    assert.deepEqual(
      starting.filter((name) => !found.includes(name)),
      [],
    );
  });

  it('keeps what only a person decides out of the chat', () => {
    assert.deepEqual(
      CORE_OPERATIONS.filter((name) => SURFACES[name].decides === 'person' || SURFACES[name].decides === 'owner'),
      [],
    );
  });

  it('shows an agent no tool that only a person decides on, and none that starts more than it may', () => {
    const tools = (mayStartAny: boolean): string[] =>
      toolDescriptions({ agent: { mayStartAny } }).map(({ name }) => name);
    for (const name of OPERATION_NAMES) {
      if (SURFACES[name].decides === 'person') assert.ok(!tools(true).includes(toolNameOf(name)), name);
    }
    assert.ok(tools(true).includes('subtasks_start'));
    assert.ok(!tools(false).includes('subtasks_start'));
    const set = toolDescriptions({ agent: { mayStartAny: true } }).find(({ name }) => name === 'runs_set');
    assert.deepEqual(
      Object.keys(set?.inputSchema.properties ?? {}).filter((argument) => /Budget|max/.test(argument)),
      [],
    );
  });

  it('annotates tools that start agents, and those that a person decides on, as destructive', () => {
    for (const { name, annotations } of toolDescriptions()) {
      const operation = OPERATION_NAMES.find((candidate) => toolNameOf(candidate) === name);
      const surface = operation && SURFACES[operation];
      if (surface?.effect !== 'start' && surface?.decides !== 'person') continue;
      assert.equal(annotations?.destructiveHint, true, name);
    }
  });

  it('lets an agent start no wider one', () => {
    const wide = { isUnasked: true, sandbox: 'none' };
    const full = { isUnasked: true, sandbox: 'danger-full-access' };
    const held = { isUnasked: false, sandbox: 'workspace-write' };
    const reader = { isUnasked: false, sandbox: 'read-only' };
    const asking = { isUnasked: false, sandbox: 'none' };
    const other = { isUnasked: false, sandbox: 'another' };
    assert.deepEqual(
      [wide, full, held, reader, asking, other].map((own) =>
        [wide, full, held, reader, asking, other].map((start) => (isWider(start, own) ? 'x' : '.')).join(''),
      ),
      ['......', '......', 'xx..xx', 'xxx.xx', 'xx....', 'xxxxx.'],
    );
    assert.deepEqual([wide, full, held, reader, asking, other].map(isWidest), [true, true, false, false, false, false]);
  });
});
