import assert from 'node:assert/strict';
import { MAX_GOAL_LENGTH, type CreateRunInput, type SetRunInput } from '../../../../src/kernel/run/record/model';
import { createRun, setRun } from '../../../../src/kernel/run/record/runs';
import { getRun, phaseEvents } from '../../../../src/kernel/run/record/queries';
import { openTestKernel, TEST_START_SEC, type TestKernel } from '../../../support/records/kernel';
import { refuses } from '../../../support/hostile/refusals';

const PLAIN: CreateRunInput = { projectDir: '/p', goal: 'ship it' };

function create(kernel: TestKernel, input: Partial<CreateRunInput> = {}): string {
  return kernel.write((u) => createRun(u, { ...PLAIN, ...input })).id;
}

function events(kernel: TestKernel, id: string): (string | null)[][] {
  return kernel.read((r) => phaseEvents(r, id)).map((e) => [e.type, e.fromPhase, e.toPhase, e.reason]);
}

describe('creating a run', () => {
  it('starts active in the first default phase, scoped to itself, without an event', async () => {
    const kernel = await openTestKernel();
    const run = kernel.write((u) => createRun(u, PLAIN));
    assert.deepEqual(run, {
      id: 'aaaaaaa1',
      projectDir: '/p',
      goal: 'ship it',
      status: 'active',
      phase: 'brainstorm',
      phases: [
        'brainstorm',
        'brainstorm-reviewed',
        'strategized',
        'planned',
        'executing',
        'review',
        'polish',
        'reflect',
        'done',
      ],
      hasCustomChain: false,
      complexity: 3,
      forceFull: false,
      autoAdvance: true,
      createdAt: TEST_START_SEC,
      updatedAt: TEST_START_SEC,
      completedAt: null,
      scopeId: 'aaaaaaa1',
      metadata: null,
      tokenBudget: null,
      budgetWarnPct: 80,
      parentRunId: null,
      maxDispatches: 0,
    });
    assert.deepEqual(events(kernel, run.id), []);
    assert.deepEqual([...(kernel.touched?.runs ?? [])], [run.id]);
  });

  it('keeps everything that is given', async () => {
    const kernel = await openTestKernel();
    const given = {
      id: 'same-elsewhere',
      phases: ['a', 'b'],
      complexity: 5,
      scopeId: 'team',
      tokenBudget: 1000,
      budgetWarnPct: 50,
      autoAdvance: false,
      metadata: '{"portfolio":"/w/.clavain/portfolio.db"}',
      parentRunId: 'parent01',
    };
    const run = kernel.write((u) => createRun(u, { ...PLAIN, ...given }));
    assert.deepEqual({ ...run, ...given }, run);
    assert.deepEqual({ phase: run.phase, hasCustomChain: run.hasCustomChain }, { phase: 'a', hasCustomChain: true });
    const stored = kernel.read((r) => r.db.rows('SELECT phases FROM runs', []));
    assert.deepEqual(stored, [{ phases: '["a","b"]' }]);
  });

  for (const goal of [
    'one\ntwo\r\n\tthree',
    '**bold** `code` | [x](y)',
    `"double" 'single' \\ %s ?1 :a`,
    '☃ 🚀 日本語',
  ]) {
    it(`keeps the goal ${JSON.stringify(goal)} as it is`, async () => {
      const kernel = await openTestKernel();
      const id = create(kernel, { goal });
      const reopened = await openTestKernel(kernel.kernel.export());
      assert.equal(reopened.read((r) => getRun(r, id)).goal, goal);
    });
  }

  it('keeps a goal of 100 kB with lines, markdown and quotes', async () => {
    const kernel = await openTestKernel();
    const goal = `# "Goal"\n- it's **long** → & <b>\n`.repeat(3000).slice(0, 100_000);
    const id = create(kernel, { goal });
    assert.equal(kernel.read((r) => getRun(r, id)).goal, goal);
  });

  const bad: Readonly<Record<string, readonly [string, Partial<Record<keyof CreateRunInput, unknown>>]>> = {
    'an empty goal': ['goal', { goal: '' }],
    'a blank goal': ['goal', { goal: ' \n\t' }],
    'a goal that is too long': ['goal', { goal: 'x'.repeat(MAX_GOAL_LENGTH + 1) }],
    'a goal with a NUL': ['goal', { goal: 'a\0b' }],
    'an empty project': ['projectDir', { projectDir: '' }],
    'no phases': ['phases', { phases: [] }],
    'one phase': ['phases', { phases: ['a'] }],
    'a phase twice': ['phases', { phases: ['a', 'b', 'a'] }],
    'a phase with a space': ['phases', { phases: ['a', 'b c'] }],
    'an empty phase': ['phases', { phases: ['a', ''] }],
    'a phase that ends in a line break': ['phases', { phases: ['a', 'b\n'] }],
    'a phase of 201 characters': ['phases', { phases: ['a', 'b'.repeat(201)] }],
    'a phase that is no text': ['phases.1', { phases: ['a', 7] }],
    'complexity 0': ['complexity', { complexity: 0 }],
    'complexity 6': ['complexity', { complexity: 6 }],
    'complexity 2.5': ['complexity', { complexity: 2.5 }],
    'complexity NaN': ['complexity', { complexity: NaN }],
    'a budget of 0': ['tokenBudget', { tokenBudget: 0 }],
    'a negative budget': ['tokenBudget', { tokenBudget: -1 }],
    'a budget beyond exact numbers': ['tokenBudget', { tokenBudget: 2 ** 60 }],
    'a warning at 0 %': ['budgetWarnPct', { budgetWarnPct: 0 }],
    'a warning at 100 %': ['budgetWarnPct', { budgetWarnPct: 100 }],
    'an empty scope': ['scopeId', { scopeId: '' }],
    'an id over two lines': ['id', { id: 'a\nb' }],
  };
  for (const [what, [argument, input]] of Object.entries(bad)) {
    it(`refuses ${what}`, async () => {
      const kernel = await openTestKernel();
      const facts = refuses(kernel, 'INVALID_ARGUMENT', (u) => createRun(u, { ...PLAIN, ...input } as CreateRunInput));
      assert.equal(facts.argument, argument);
    });
  }

  it('refuses a field it does not know', async () => {
    const kernel = await openTestKernel();
    const input = { ...PLAIN, gaol: 'typo' };
    assert.match(refuses(kernel, 'INVALID_ARGUMENT', (u) => createRun(u, input)).problem.text, /gaol/);
  });

  it('refuses an id that is taken', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel);
    assert.equal(refuses(kernel, 'INVALID_ARGUMENT', (u) => createRun(u, { ...PLAIN, id })).argument, 'id');
  });
});

describe('setting a run', () => {
  it('leaves what is not given as it is stored', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel);
    kernel.exec("UPDATE runs SET goal = char(65279) || 'g', token_budget = 9223372036854775807");
    assert.equal(kernel.write((u) => setRun(u, id, { complexity: 5 })).tokenBudget, Number.MAX_SAFE_INTEGER);
    assert.deepEqual(
      kernel.read((r) => r.db.rows('SELECT hex(goal) AS goal, token_budget, complexity FROM runs', [])),
      [{ goal: 'EFBBBF67', token_budget: 9_223_372_036_854_775_807n, complexity: 5 }],
    );
  });

  it('changes what is given and records that it happened', async () => {
    const kernel = await openTestKernel();
    const id = create(kernel, { tokenBudget: 5 });
    kernel.clock.advance(7);
    const changes = {
      goal: 'new',
      complexity: 1,
      autoAdvance: false,
      forceFull: true,
      tokenBudget: null,
      budgetWarnPct: 10,
    };
    const run = kernel.write((u) => setRun(u, id, changes));
    assert.deepEqual({ ...run, ...changes }, run);
    assert.equal(run.updatedAt, TEST_START_SEC + 7);
    assert.deepEqual(events(kernel, id), [['set', 'brainstorm', 'brainstorm', null]]);
    assert.ok(kernel.touched?.runs.has(run.id));
  });

  const bad: Readonly<Record<string, readonly [string, SetRunInput | Record<string, unknown>]>> = {
    nothing: ['settings', {}],
    'only undefined': ['settings', { goal: undefined }],
    'an unknown setting': ['settings', { phase: 'done' }],
    'an empty goal': ['goal', { goal: '' }],
    'complexity 6': ['complexity', { complexity: 6 }],
    'a budget of 0': ['tokenBudget', { tokenBudget: 0 }],
    'a limit below 0': ['maxDispatches', { maxDispatches: -1 }],
    'a limit of a run that is no portfolio': ['maxDispatches', { maxDispatches: 0 }],
  };
  for (const [what, [argument, input]] of Object.entries(bad)) {
    it(`refuses ${what}`, async () => {
      const kernel = await openTestKernel();
      const id = create(kernel);
      assert.equal(refuses(kernel, 'INVALID_ARGUMENT', (u) => setRun(u, id, input)).argument, argument);
    });
  }

  it('refuses an unknown run', async () => {
    const kernel = await openTestKernel();
    refuses(kernel, 'NOT_FOUND', (u) => setRun(u, 'nope', { complexity: 1 }));
  });
});
