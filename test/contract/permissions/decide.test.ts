import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decide } from '../../../src/contract/permissions/decide';
import {
  PERMISSION_POLICIES,
  TOOL_KINDS,
  type PermissionAnswer,
  type PermissionPolicy,
  type PermissionRule,
  type ToolKind,
  type ToolUse,
} from '../../../src/contract/permissions/model';

const inside = (below: string) => ({ path: `/w/${below}`, below, isInside: true });
const outside = { path: '/etc/passwd', below: '../etc/passwd', isInside: false };

type Place = 'inside' | 'outside' | 'both' | 'none';
const PATHS: Readonly<Record<Place, ToolUse['paths']>> = {
  inside: [inside('src/a.ts')],
  outside: [outside],
  both: [inside('a'), outside],
  none: [],
};

const use = (kind: ToolKind, place: Place = 'none', more: Partial<ToolUse> = {}): ToolUse => ({
  kind,
  project: '/p',
  paths: PATHS[place],
  ...more,
});

const answerOf = (policy: PermissionPolicy, tool: ToolUse, rules: readonly PermissionRule[] = []): PermissionAnswer =>
  decide(policy, rules, tool).answer;

describe('the policies', () => {
  const FREE: readonly ToolKind[] = ['read', 'search', 'edit', 'delete', 'move'];

  /** Every policy, every kind of tool, every place. */
  const expected = (policy: PermissionPolicy, kind: ToolKind, place: Place): PermissionAnswer => {
    if (policy === 'askAll') return 'ask';
    if (policy === 'allowAll') return 'allow';
    if (kind === 'think' || (FREE.includes(kind) && place === 'inside')) return 'allow';
    return policy === 'freeInside' ? 'ask' : 'deny';
  };

  for (const policy of PERMISSION_POLICIES) {
    it(`${policy} answers for every kind of tool in every place`, () => {
      for (const kind of TOOL_KINDS) {
        for (const place of ['inside', 'outside', 'both', 'none'] as const) {
          assert.equal(answerOf(policy, use(kind, place)), expected(policy, kind, place), `${kind} ${place}`);
        }
      }
    });
  }

  it('free inside the worktree allows commits and asks for every other command', () => {
    const answers = Object.fromEntries(
      [
        'git status',
        'git add src/a.ts',
        'git commit -m "Add a"',
        'git commit -m x; rm -rf ~',
        'git commit -m "$(curl evil)"',
        'git commit -m `id`',
        'git add a && npm test',
        'git add > /etc/x',
        'git push',
        'git -c core.pager=sh status',
        'npm test',
        'gitstatus',
      ].map((command) => [command, answerOf('freeInside', use('execute', 'none', { command }))]),
    );
    assert.deepEqual(answers, {
      'git status': 'allow',
      'git add src/a.ts': 'allow',
      'git commit -m "Add a"': 'allow',
      'git commit -m x; rm -rf ~': 'ask',
      'git commit -m "$(curl evil)"': 'ask',
      'git commit -m `id`': 'ask',
      'git add a && npm test': 'ask',
      'git add > /etc/x': 'ask',
      'git push': 'ask',
      'git -c core.pager=sh status': 'ask',
      'npm test': 'ask',
      gitstatus: 'ask',
    });
  });

  it('free inside the worktree allows exactly the checks of the project', () => {
    const answer = (policy: PermissionPolicy, command: string, place: Place = 'none') =>
      decide(policy, [], use('execute', place, { command }), ['npm test']).answer;
    assert.equal(answer('freeInside', ' npm test '), 'allow');
    assert.equal(answer('denyAsked', 'npm test'), 'allow');
    for (const command of ['npm test x', 'npm', 'npm test; id']) assert.equal(answer('freeInside', command), 'ask');
    assert.equal(answer('freeInside', 'npm test', 'outside'), 'ask');
    assert.equal(answer('askAll', 'npm test'), 'ask');
    const deny: PermissionRule = { command: 'npm *', then: 'deny' };
    const denied = decide('freeInside', [deny], use('execute', 'none', { command: 'npm test' }), ['npm test']);
    assert.equal(denied.answer, 'deny');
  });

  it('free inside the worktree allows the commands of plans and reports, unless they name a file outside', () => {
    const answer = (command: string, paths: ToolUse['paths'] = []) =>
      decide('freeInside', [], { kind: 'execute', project: '/p', paths, command }).answer;
    const create = 'ic subtask create --title-file=title.txt';
    const allowed = ['ic subtask list', 'ic subtask close', 'ic subtask depend b --on=a', create];
    for (const command of allowed) assert.equal(answer(command), 'allow', command);
    const asked = ['ic subtask merge a', 'ic subtask start a', 'ic dispatch spawn', 'ic --db=x subtask list', 'icy'];
    for (const command of [...asked, `${create} && npm test`]) assert.equal(answer(command), 'ask', command);
    assert.equal(answer(create, [inside('title.txt')]), 'allow');
    assert.equal(answer(create, [outside]), 'ask');
    assert.equal(answer('git add a', [outside]), 'ask');
    assert.equal(decide('askAll', [], { kind: 'execute', project: '/p', paths: [], command: create }).answer, 'ask');
  });
});

describe('a rule', () => {
  const npm: PermissionRule = { tools: ['execute'], command: 'npm *', then: 'allow' };

  it('decides before the policy, and the first one that applies decides', () => {
    const deny: PermissionRule = { tools: ['edit'], path: 'package.json', then: 'deny' };
    const tool = { kind: 'edit', project: '/p', paths: [inside('package.json')] } as const;
    assert.deepEqual(decide('freeInside', [npm, deny, { then: 'allow' }], tool), {
      answer: 'deny',
      by: { kind: 'rule', number: 2 },
    });
    assert.deepEqual(decide('askAll', [npm], use('fetch')), {
      answer: 'ask',
      by: { kind: 'policy', policy: 'askAll' },
    });
  });

  it('allows a command only if it is one command', () => {
    const answer = (command: string) => answerOf('askAll', use('execute', 'none', { command }), [npm]);
    assert.equal(answer('npm test'), 'allow');
    for (const more of ['npm test; id', 'npm test && id', 'npm x\nid', 'npm `id`', 'npm $(id)', 'npm ${x}', 'npm >f']) {
      assert.equal(answer(more), 'ask', more);
    }
  });

  it('denies each command of several', () => {
    const rm: PermissionRule = { command: 'rm *', then: 'deny' };
    for (const command of ['rm -r x', 'ls; rm -r x', 'ls && rm x', 'echo `rm x`', 'echo $(rm x)', 'a | rm x']) {
      assert.equal(answerOf('allowAll', use('execute', 'none', { command }), [rm]), 'deny', command);
    }
  });

  it('allows paths only if all match, and denies if one does', () => {
    const both = { kind: 'edit', project: '/p', paths: [inside('docs/a.md'), inside('src/a.ts')] } as const;
    const path = 'docs/**';
    assert.equal(answerOf('askAll', both, [{ path, then: 'allow' }]), 'ask');
    assert.equal(answerOf('allowAll', both, [{ path, then: 'deny' }]), 'deny');
    assert.equal(answerOf('askAll', { kind: 'edit', project: '/p', paths: [] }, [{ path, then: 'allow' }]), 'ask');
    const hidden = { kind: 'edit', project: '/p', paths: [inside('docs/.hidden/a')] } as const;
    assert.equal(answerOf('askAll', hidden, [{ path, then: 'allow' }]), 'allow');
  });

  it('never matches a path outside by its pattern', () => {
    const tool = { kind: 'edit', project: '/p', paths: [outside] } as const;
    assert.equal(answerOf('askAll', tool, [{ path: '**', then: 'allow' }]), 'ask');
  });

  it('names a tool of a server', () => {
    const rule: PermissionRule = { mcpTool: 'mcp__intercore__*', then: 'allow' };
    assert.equal(answerOf('askAll', use('other', 'none', { mcpTool: 'mcp__intercore__runs_list' }), [rule]), 'allow');
    assert.equal(answerOf('askAll', use('other', 'none', { mcpTool: 'mcp__other__x' }), [rule]), 'ask');
    assert.equal(answerOf('askAll', use('other'), [rule]), 'ask');
  });

  it('applies to the project that it names', () => {
    const rule = (folder: string): PermissionRule => ({ folder, then: 'allow' });
    assert.equal(answerOf('askAll', use('fetch'), [rule('/p')]), 'allow');
    assert.equal(answerOf('askAll', use('fetch'), [rule('/q')]), 'ask');
  });

  it('does not ask where no person answers', () => {
    assert.equal(answerOf('denyAsked', use('fetch'), [{ tools: ['fetch'], then: 'ask' }]), 'deny');
  });

  it('matches `*` as any text, in linear time', () => {
    const text = fc.string({ maxLength: 20, unit: fc.constantFrom('a', 'b', ' ', '.', '*') });
    fc.assert(
      fc.property(text, text, (pattern, command) => {
        fc.pre(pattern !== '');
        const escaped = pattern.split(/\*+/).map((part) => part.replace(/[.]/g, '\\.'));
        const isMatch = new RegExp(`^${escaped.join('[^]*')}$`).test(command.trim());
        const answer = answerOf('askAll', use('execute', 'none', { command }), [{ command: pattern, then: 'allow' }]);
        assert.equal(answer, isMatch ? 'allow' : 'ask');
      }),
    );
    const long = 'a'.repeat(100_000);
    assert.equal(
      answerOf('askAll', use('execute', 'none', { command: long }), [
        { command: '*a'.repeat(100) + 'b', then: 'allow' },
      ]),
      'ask',
    );
  });
});
