import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decide } from '../../../src/contract/permissions/decide';
import { permissionRule, TOOL_KINDS, type ToolKind } from '../../../src/contract/permissions/model';
import { suggest, type SuggestedRule } from '../../../src/contract/permissions/suggest';
import { permission } from '../../support/dispatch/sessions';

const PROJECT = '/p';
const inside = { path: '/w/src/a.ts', isInside: true };
const outside = { path: '/w/../etc/passwd', isInside: false };

const ofCommand = (command: string): readonly SuggestedRule[] => suggest(permission({ command }), PROJECT);
const scopes = (suggested: readonly SuggestedRule[]): string[] => suggested.map(({ scope }) => scope);

describe('suggested rules', () => {
  it('go from exactly the command to its program', () => {
    const rule = { folder: PROJECT, tools: ['execute'], then: 'allow' };
    assert.deepEqual(ofCommand('eslint --fix src'), [
      { scope: 'command', subject: 'eslint --fix src', rule: { ...rule, command: 'eslint --fix src' } },
      { scope: 'program', subject: 'eslint', rule: { ...rule, command: 'eslint *' } },
    ]);
  });

  it('go from the MCP tool to all of its server', () => {
    const request = permission({ tool: 'other', mcpTool: 'mcp__my_server__get_run' });
    assert.deepEqual(suggest(request, PROJECT), [
      {
        scope: 'mcpTool',
        subject: 'mcp__my_server__get_run',
        rule: { folder: PROJECT, mcpTool: 'mcp__my_server__get_run', then: 'allow' },
      },
      {
        scope: 'mcpServer',
        subject: 'my_server',
        rule: { folder: PROJECT, mcpTool: 'mcp__my_server__*', then: 'allow' },
      },
    ]);
  });

  it('name a tool that its paths bind, inside the worktree', () => {
    const bound: readonly ToolKind[] = ['read', 'search', 'edit', 'delete', 'move'];
    for (const tool of TOOL_KINDS) {
      const ofPaths = (paths: readonly (typeof inside)[]) => suggest(permission({ tool, paths: [...paths] }), PROJECT);
      const rule = { folder: PROJECT, tools: [tool], where: 'inside', then: 'allow' };
      const expected = bound.includes(tool) ? [{ scope: 'inside', subject: tool, rule }] : [];
      assert.deepEqual(ofPaths([inside]), expected, tool);
      for (const paths of [[], [outside], [inside, outside]]) assert.deepEqual(ofPaths(paths), [], tool);
    }
  });

  const COMMANDS: Readonly<Record<string, readonly string[]>> = {
    'npm test': ['command'],
    ' npm test ': ['command'],
    'npm publish': ['command'],
    'cargo build': ['command'],
    'make all': ['command'],
    ' eslint src ': ['command', 'program'],
    ls: ['command'],
    'echo "a b"': ['command', 'program'],
    "echo 'it'": ['command', 'program'],
    'cat ../../etc/passwd': ['command', 'program'],
    'ls *.log': ['program'],
    'rm *.log': [],
    'rm -rf build': ['command'],
    'mkfs.ext4 x': ['command'],
    '': [],
    '   ': [],
    'rm -rf x; y': [],
    'rm -rf x && y': [],
    'rm -rf x & y': [],
    'rm -rf x | y': [],
    'npm test\nrm -rf x': [],
    'npm test\r\nrm -rf x': [],
    'npm test\0': [],
    'echo $(id)': [],
    'echo ${x}': [],
    'echo `id`': [],
    'echo x > /etc/passwd': [],
    'cat < x': [],
    [`echo ${'x'.repeat(500)}`]: [],
    'sh -c "rm -rf x"': ['command'],
    'SH -c x': ['command'],
    'bash.exe -c x': ['command'],
    'python3.12 x.py': ['command'],
    'python-3 x.py': ['command'],
    'node x.js': ['command'],
    'Node.EXE x.js': ['command'],
    'sudo npm test': ['command'],
    'env npm test': ['command'],
    'xargs rm': ['command'],
    'git push': ['command'],
    'npx x': ['command'],
    './run x': ['command'],
    '../run x': ['command'],
    '/bin/sh x': ['command'],
    '.. x': ['command'],
    '"npm" test': ['command'],
    "n'p'm test": ['command'],
    [String.raw`\npm test`]: ['command'],
    'A=1 npm test': ['command'],
    '$SHELL x': ['command'],
    '(npm test)': ['command'],
    '* test': [],
    'n* test': [],
    '-x test': ['command'],
    'npm\ttest': ['command'],
  };

  for (const [command, expected] of Object.entries(COMMANDS)) {
    it(`for ${JSON.stringify(command.slice(0, 40))} are ${expected.join(', ') || 'none'}`, () => {
      assert.deepEqual(scopes(ofCommand(command)), expected);
    });
  }

  it('allow nothing of another project, and no second command', () => {
    for (const { rule } of ofCommand('npm test')) {
      const use = { kind: 'execute', project: PROJECT, paths: [], command: 'npm test' } as const;
      assert.equal(decide('askAll', [rule], use).answer, 'allow');
      assert.equal(decide('askAll', [rule], { ...use, project: '/q' }).answer, 'ask');
      assert.equal(decide('askAll', [rule], { ...use, command: 'npm test; id' }).answer, 'ask');
    }
  });

  it('name no MCP tool with a pattern in its name', () => {
    for (const mcpTool of ['mcp__*', 'mcp__a__*', 'mcp__a__b*', 'mcp__a', 'mcp____b', 'mcp__a__b c', '*']) {
      assert.deepEqual(suggest(permission({ tool: 'other', mcpTool }), PROJECT), [], mcpTool);
    }
  });

  it('are valid rules that allow the request, whatever it is', () => {
    const part = fc.constantFrom('npm', 'sh', ' ', '*', ';', '$(', '\n', '..', '/', 'mcp__', '__', 'a', '"', "'", '\0');
    const text = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
    const request = fc.record({ tool: fc.constantFrom(...TOOL_KINDS), command: text, mcpTool: text });
    fc.assert(
      fc.property(request, fc.boolean(), ({ tool, command, mcpTool }, isInside) => {
        const asked = permission({ tool, command, mcpTool, paths: [{ path: '/w/a', isInside }] });
        for (const { rule } of suggest(asked, PROJECT)) {
          assert.deepEqual(permissionRule.parse(rule), rule);
          const paths = [{ path: '/w/a', isInside, below: 'a' }];
          const use = { kind: tool, project: PROJECT, paths, command, mcpTool };
          assert.equal(decide('askAll', [rule], use).answer, 'allow');
        }
      }),
    );
  });
});
