/** Kinds whose programs speak the Agent Client Protocol, and recipes for them. */
import assert from 'node:assert/strict';
import { actsUnasked, agentKind, runsInSession } from '../../../../src/contract/agentKinds';
import { ACP_KINDS } from '../../../../src/services/agents/acp/kind';
import { AGENT_RECIPES, kindOfRecipe } from '../../../../src/services/agents/acp/recipes';
import { BUILT_IN_AGENT_KINDS } from '../../../../src/services/agents/builtInKinds';
import { reachOf } from '../../../../src/services/consent/decisions';

const ACP = { name: 'k', command: 'c', protocol: 'acp' } as const;

function problemOf(kind: object): string | undefined {
  return agentKind.safeParse(kind).error?.issues[0]?.message;
}

describe('a kind that speaks the Agent Client Protocol', () => {
  it('is read by the parser of sessions, and needs nothing else', () => {
    const { parser, args } = agentKind.parse(ACP);
    assert.deepEqual({ parser, args }, { parser: 'acp', args: [] });
    assert.equal(agentKind.parse({ ...ACP, parser: 'plain' }).parser, 'acp');
  });

  it('needs no place for its prompt, however that is given', () => {
    for (const promptBy of ['stdin', 'file', 'argument']) assert.equal(problemOf({ ...ACP, promptBy }), undefined);
  });

  it('is refused with an argument that would hold the prompt or a session', () => {
    for (const name of ['prompt', 'session', 'resume']) {
      const problem = problemOf({ ...ACP, args: [`--x=\${${name}}`] });
      assert.equal(problem, `protocol "acp" does not allow \${${name}} in an argument`);
    }
    assert.equal(problemOf({ ...ACP, args: ['--model=${model}', '--config=${mcpConfigFile}'] }), undefined);
    assert.match(problemOf({ ...ACP, args: ['${nonsense}'] }) ?? '', /unknown placeholder "nonsense"/);
  });

  it('alone has the parser and the settings of sessions', () => {
    const once = { name: 'k', command: 'c' };
    assert.equal(problemOf({ ...once, parser: 'acp' }), 'parser "acp" needs protocol "acp"');
    assert.equal(problemOf({ ...once, session: { askMode: 'ask' } }), 'session needs protocol "acp"');
    assert.equal(problemOf({ ...ACP, protocol: 'http' }) === undefined, false);
  });

  it('has an ask mode, a meaning of usage, and a version of Node', () => {
    const session = { askMode: 'read-only', usageMeaning: 'process', minNode: '22.19' };
    assert.equal(problemOf({ ...ACP, session }), undefined);
    for (const wrong of [{ askMode: '' }, { usageMeaning: 'all' }, { minNode: '>=22' }, { mode: 'ask' }]) {
      assert.notEqual(problemOf({ ...ACP, session: wrong }), undefined, JSON.stringify(wrong));
    }
  });

  it('acts unasked without an ask mode, and where its arguments say so', () => {
    const asks = agentKind.parse({ ...ACP, session: { askMode: 'ask' } });
    const cases = [
      { kind: asks, isUnasked: false },
      { kind: agentKind.parse(ACP), isUnasked: true },
      { kind: agentKind.parse({ ...ACP, session: { usageMeaning: 'turn' } }), isUnasked: true },
      { kind: { ...asks, args: ['--yolo'] }, isUnasked: true },
    ];
    for (const { kind, isUnasked } of cases) {
      assert.equal(actsUnasked(kind), isUnasked);
      assert.equal(reachOf(kind, 'none').isUnasked, isUnasked);
    }
  });

  it('is built in for Claude and Codex, and asks', () => {
    const builtIn = BUILT_IN_AGENT_KINDS.filter(runsInSession);
    assert.deepEqual(builtIn, ACP_KINDS);
    assert.deepEqual(
      builtIn.map((kind) => ({ name: kind.name, askMode: kind.session?.askMode, isUnasked: actsUnasked(kind) })),
      [
        { name: 'claude-acp', askMode: 'default', isUnasked: false },
        { name: 'codex-acp', askMode: 'read-only', isUnasked: false },
      ],
    );
  });
});

describe('a recipe of an agent', () => {
  for (const recipe of AGENT_RECIPES) {
    it(`makes a kind that asks: ${recipe.title}`, () => {
      const kind = kindOfRecipe(recipe);
      assert.deepEqual(agentKind.parse(kind), kind);
      assert.equal(actsUnasked(kind), false);
      assert.notEqual(kind.session?.usageMeaning, undefined);
    });

    it(`names one version of one package: ${recipe.title}`, () => {
      assert.match(recipe.version, /^\d+\.\d+\.\d+$/);
      assert.match(recipe.package, /^(@[a-z-]+\/)?[a-z-]+$/);
    });
  }

  it('is no kind before a person adds it', () => {
    const names = new Set(BUILT_IN_AGENT_KINDS.map(({ name }) => name));
    assert.deepEqual(
      AGENT_RECIPES.filter(({ name }) => names.has(name)),
      [],
    );
  });
});
